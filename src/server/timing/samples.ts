import { type DurationSamples, MAX_SAMPLES } from "../../core/ports/statistics.ts";

type Sample = DurationSamples["samples"][number];

/** What the samples of one mark say, sorted. */
export interface Durations {
  /** Milliseconds from the mark to the end. */
  readonly remaining: Float64Array;
  /** The whole time by the time at which the mark was reached. */
  readonly ratios: Float64Array;
}

const NONE: Durations = { remaining: new Float64Array(0), ratios: new Float64Array(0) };

interface MilestoneSamples {
  kept: readonly Sample[];
  /** Came since `durations` was sorted. */
  added: Sample[];
  durations: Durations | undefined;
}

/** What part of the samples may be new before all are sorted anew: so few move no quartile by much. */
const MAX_NEW_RATIO = 1 / 20;

/** The newest samples of each mark, sorted when they are asked for and enough are new: under load they come faster than it matters. */
export class Samples {
  readonly #milestones = new Map<string, MilestoneSamples>();

  of(type: string, kind: string, mark: string): Durations {
    const found = this.#milestones.get(milestoneKey({ type, kind, milestone: mark }));
    if (found === undefined) return NONE;
    if (found.durations === undefined || found.added.length > found.kept.length * MAX_NEW_RATIO) {
      found.kept = [...found.kept, ...found.added].slice(-MAX_SAMPLES);
      found.added = [];
      found.durations = sorted(found.kept);
    }
    return found.durations;
  }

  add({ samples, ...milestone }: DurationSamples): void {
    const name = milestoneKey(milestone);
    const found = this.#milestones.get(name) ?? { kept: [], added: [], durations: undefined };
    this.#milestones.set(name, found);
    found.added.push(...samples);
    // Nobody asks: then what is older than all that is kept need not wait for a question.
    if (found.added.length > 2 * MAX_SAMPLES) found.added = found.added.slice(-MAX_SAMPLES);
  }

  /** Puts what the store has in the place of what was known of these marks. */
  replace(known: readonly DurationSamples[]): void {
    for (const { samples, ...milestone } of known) {
      this.#milestones.set(milestoneKey(milestone), { kept: samples, added: [], durations: undefined });
    }
  }
}

function sorted(samples: readonly Sample[]): Durations {
  return {
    remaining: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs - reachedMs).toSorted(),
    ratios: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs / Math.max(reachedMs, 1)).toSorted(),
  };
}

export function milestoneKey({ type, kind, milestone: mark }: Omit<DurationSamples, "samples">): string {
  return `${type}\n${kind}\n${mark}`;
}
