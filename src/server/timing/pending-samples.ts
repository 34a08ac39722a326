import { type DurationSamples, MAX_SAMPLES } from "../../core/ports/statistics.ts";
import { milestoneKey } from "./samples.ts";

/** Samples that are not stored yet: the newest of each milestone, so that memory is bounded under load. */
export class PendingSamples {
  readonly #milestones = new Map<string, DurationSamples>();

  add(added: DurationSamples): void {
    const name = milestoneKey(added);
    const samples = [...(this.#milestones.get(name)?.samples ?? []), ...added.samples];
    this.#milestones.set(name, { ...added, samples: samples.slice(-MAX_SAMPLES) });
  }

  /** Removes and returns all samples. */
  take(): readonly DurationSamples[] {
    const unsaved = [...this.#milestones.values()];
    this.#milestones.clear();
    return unsaved;
  }

  /** Restores samples that failed to be stored, as older than those added meanwhile. */
  restore(unsaved: readonly DurationSamples[]): void {
    const newer = this.take();
    for (const added of [...unsaved, ...newer]) this.add(added);
  }
}
