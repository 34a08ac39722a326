import { type DurationSamples, MAX_SAMPLES } from "../../core/ports/statistics.ts";
import { milestoneKey } from "./samples.ts";

/** What was learned since it was saved last: of each mark as much as is kept, however much comes under load. */
export class PendingSamples {
  readonly #milestones = new Map<string, DurationSamples>();

  add(learned: DurationSamples): void {
    const name = milestoneKey(learned);
    const samples = [...(this.#milestones.get(name)?.samples ?? []), ...learned.samples];
    this.#milestones.set(name, { ...learned, samples: samples.slice(-MAX_SAMPLES) });
  }

  /** Gives all, which from then on is not here any more. */
  take(): readonly DurationSamples[] {
    const taken = [...this.#milestones.values()];
    this.#milestones.clear();
    return taken;
  }

  /** Puts back what could not be saved, before what was learned meanwhile. */
  restore(taken: readonly DurationSamples[]): void {
    const newer = this.take();
    for (const learned of [...taken, ...newer]) this.add(learned);
  }
}
