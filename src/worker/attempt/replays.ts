import type { StepRecord } from "../../core/resource.ts";

interface Replay {
  readonly record: StepRecord;
  readonly resolve: () => void;
}

/**
 * Gives recorded outcomes back in the order in which they were committed, one in each turn of the event loop. So what work raced
 * (`Promise.race`, a branch that overtook another) comes out as it did the first time.
 */
export class Replays {
  /** The earliest commit last. */
  readonly #asked: Replay[] = [];
  #isSorted = true;
  #isPlanned = false;

  /** Resolves when it is this record's turn. */
  turnOf(record: StepRecord): Promise<void> {
    return new Promise((resolve) => {
      this.#asked.push({ record, resolve });
      this.#isSorted = false;
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#isPlanned || this.#asked.length === 0) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (!this.#isSorted) this.#asked.sort(latestFirst);
      this.#isSorted = true;
      this.#asked.pop()?.resolve();
      this.#plan();
    });
  }
}

function latestFirst({ record: a }: Replay, { record: b }: Replay): number {
  return b.at - a.at || b.position - a.position;
}
