import { type DurationSamples, SAMPLES_KEPT } from "../../core/ports/store.ts";
import { nameOf } from "./samples.ts";

/** What was learned since it was saved last: of each mark as much as is kept, however much comes under load. */
export class Unsaved {
  readonly #marks = new Map<string, DurationSamples>();

  add(learned: DurationSamples): void {
    const name = nameOf(learned);
    const samples = [...(this.#marks.get(name)?.samples ?? []), ...learned.samples];
    this.#marks.set(name, { ...learned, samples: samples.slice(-SAMPLES_KEPT) });
  }

  /** Gives all, which from then on is not here any more. */
  take(): readonly DurationSamples[] {
    const taken = [...this.#marks.values()];
    this.#marks.clear();
    return taken;
  }

  /** Puts back what could not be saved, before what was learned meanwhile. */
  giveBack(taken: readonly DurationSamples[]): void {
    const newer = this.take();
    for (const learned of [...taken, ...newer]) this.add(learned);
  }
}
