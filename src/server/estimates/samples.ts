import { type DurationSamples, SAMPLES_KEPT } from "../../core/store.ts";

type Sample = DurationSamples["samples"][number];

/** What the samples of one mark say, sorted. */
export interface Durations {
  /** Milliseconds from the mark to the end. */
  readonly remaining: Float64Array;
  /** The whole time by the time at which the mark was reached. */
  readonly ratios: Float64Array;
}

const NONE: Durations = { remaining: new Float64Array(0), ratios: new Float64Array(0) };

/** The newest samples of each mark, sorted when they are asked for and not for each question again. */
export class Samples {
  readonly #marks = new Map<string, { kept: readonly Sample[]; durations: Durations | undefined }>();

  of(type: string, kind: string, mark: string): Durations {
    const found = this.#marks.get(nameOf(type, kind, mark));
    if (found === undefined) return NONE;
    found.durations ??= sorted(found.kept);
    return found.durations;
  }

  add({ type, kind, mark, samples }: DurationSamples): void {
    const name = nameOf(type, kind, mark);
    const kept = [...(this.#marks.get(name)?.kept ?? []), ...samples].slice(-SAMPLES_KEPT);
    this.#marks.set(name, { kept, durations: undefined });
  }

  /** Puts what the store has in the place of what was known of these marks. */
  replace(known: readonly DurationSamples[]): void {
    for (const { type, kind, mark, samples } of known) {
      this.#marks.set(nameOf(type, kind, mark), { kept: samples, durations: undefined });
    }
  }
}

function sorted(samples: readonly Sample[]): Durations {
  return {
    remaining: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs - reachedMs).toSorted(),
    ratios: Float64Array.from(samples, ([reachedMs, settledMs]) => settledMs / Math.max(reachedMs, 1)).toSorted(),
  };
}

function nameOf(type: string, kind: string, mark: string): string {
  return `${type}\n${kind}\n${mark}`;
}
