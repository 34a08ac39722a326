import { type DurationSamples, SAMPLES_KEPT } from "../../core/ports/store.ts";

type Sample = DurationSamples["samples"][number];

/** What the samples of one mark say, sorted. */
export interface Durations {
  /** Milliseconds from the mark to the end. */
  readonly remaining: Float64Array;
  /** The whole time by the time at which the mark was reached. */
  readonly ratios: Float64Array;
}

const NONE: Durations = { remaining: new Float64Array(0), ratios: new Float64Array(0) };

interface Mark {
  kept: readonly Sample[];
  /** Came since `durations` was sorted. */
  added: Sample[];
  durations: Durations | undefined;
}

/** What part of the samples may be new before all are sorted anew: so few move no quartile by much. */
const NEW_SHARE = 1 / 20;

/** The newest samples of each mark, sorted when they are asked for and enough are new: under load they come faster than it matters. */
export class Samples {
  readonly #marks = new Map<string, Mark>();

  of(type: string, kind: string, mark: string): Durations {
    const found = this.#marks.get(nameOf({ type, kind, mark }));
    if (found === undefined) return NONE;
    if (found.durations === undefined || found.added.length > found.kept.length * NEW_SHARE) {
      found.kept = [...found.kept, ...found.added].slice(-SAMPLES_KEPT);
      found.added = [];
      found.durations = sorted(found.kept);
    }
    return found.durations;
  }

  add({ samples, ...mark }: DurationSamples): void {
    const name = nameOf(mark);
    const found = this.#marks.get(name) ?? { kept: [], added: [], durations: undefined };
    this.#marks.set(name, found);
    found.added.push(...samples);
    // Nobody asks: then what is older than all that is kept need not wait for a question.
    if (found.added.length > 2 * SAMPLES_KEPT) found.added = found.added.slice(-SAMPLES_KEPT);
  }

  /** Puts what the store has in the place of what was known of these marks. */
  replace(known: readonly DurationSamples[]): void {
    for (const { samples, ...mark } of known) {
      this.#marks.set(nameOf(mark), { kept: samples, added: [], durations: undefined });
    }
  }
}

function sorted(samples: readonly Sample[]): Durations {
  return {
    remaining: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs - reachedMs).toSorted(),
    ratios: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs / Math.max(reachedMs, 1)).toSorted(),
  };
}

export function nameOf({ type, kind, mark }: Omit<DurationSamples, "samples">): string {
  return `${type}\n${kind}\n${mark}`;
}
