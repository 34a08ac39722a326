import { type DurationSamples, MAX_SAMPLES } from "../../core/ports/statistics.ts";

type Sample = DurationSamples["samples"][number];

/** Sorted durations from the samples of a milestone. */
export interface Durations {
  /** Milliseconds from the milestone to the end. */
  readonly remaining: Float64Array;
  /** Ratios of the total duration to the time at which the milestone was reached. */
  readonly ratios: Float64Array;
}

const NONE: Durations = { remaining: new Float64Array(0), ratios: new Float64Array(0) };

interface MilestoneSamples {
  kept: readonly Sample[];
  /** Samples that are not in `durations` yet. */
  added: Sample[];
  durations: Durations | undefined;
}

/** Maximum ratio of unsorted new samples: so few hardly change a quartile. */
const MAX_NEW_RATIO = 1 / 20;

/**
 * Maximum number of milestones of one kind of operation. Names of steps may contain texts of clients, so that each
 * operation would add some; further ones are not learned.
 */
const MAX_MILESTONES = 500;

/**
 * The newest samples of each milestone. Sorted lazily, and only when enough are new, because samples arrive fast under
 * load.
 */
export class Samples {
  readonly #milestones = new Map<string, MilestoneSamples>();
  /** Number of milestones by type and kind. */
  readonly #counts = new Map<string, number>();

  of(type: string, kind: string, milestone: string): Durations {
    const found = this.#milestones.get(milestoneKey({ type, kind, milestone }));
    if (found === undefined) return NONE;
    if (found.durations === undefined || found.added.length > found.kept.length * MAX_NEW_RATIO) {
      found.kept = [...found.kept, ...found.added].slice(-MAX_SAMPLES);
      found.added = [];
      found.durations = sorted(found.kept);
    }
    return found.durations;
  }

  /** Returns false if the kind has too many milestones for another one. */
  add({ samples, ...milestone }: DurationSamples): boolean {
    const found = this.#findOrAdd(milestone);
    if (found === undefined) return false;
    found.added.push(...samples);
    // Without reads, nothing sorts and trims the samples, so trim them here.
    if (found.added.length > 2 * MAX_SAMPLES) found.added = found.added.slice(-MAX_SAMPLES);
    return true;
  }

  /** Replaces the samples of these milestones by those of the store. */
  replace(stored: readonly DurationSamples[]): void {
    for (const { samples, ...milestone } of stored) {
      const found = this.#findOrAdd(milestone);
      if (found !== undefined) Object.assign(found, { kept: samples, added: [], durations: undefined });
    }
  }

  #findOrAdd(milestone: Omit<DurationSamples, "samples">): MilestoneSamples | undefined {
    const name = milestoneKey(milestone);
    const known = this.#milestones.get(name);
    if (known !== undefined) return known;
    const kind = `${milestone.type}\n${milestone.kind}`;
    const count = this.#counts.get(kind) ?? 0;
    if (count >= MAX_MILESTONES) return undefined;
    this.#counts.set(kind, count + 1);
    const added: MilestoneSamples = { kept: [], added: [], durations: undefined };
    this.#milestones.set(name, added);
    return added;
  }
}

function sorted(samples: readonly Sample[]): Durations {
  return {
    remaining: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs - reachedMs).toSorted(),
    ratios: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs / Math.max(reachedMs, 1)).toSorted(),
  };
}

export function milestoneKey({ type, kind, milestone }: Omit<DurationSamples, "samples">): string {
  return `${type}\n${kind}\n${milestone}`;
}
