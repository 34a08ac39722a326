import { setImmediate as nextTick } from "node:timers/promises";
import type { StepRecord } from "../../core/resource.ts";

interface Replay {
  readonly record: StepRecord;
  readonly resolve: () => void;
}

/**
 * Resolves replayed calls in the order of their commits, one in each event-loop tick, so that races in the work (`Promise.race`,
 * parallel branches) have the same winner as in the first run.
 */
export class ReplayOrder {
  /** Sorted by commit, the earliest last. */
  readonly #waiting: Replay[] = [];
  #isSorted = true;
  #isScheduled = false;

  /** Resolves once every waiting record with an earlier commit has resolved. */
  wait(record: StepRecord): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ record, resolve });
      this.#isSorted = false;
      this.#schedule();
    });
  }

  /** Resolves once no record waits. New commits come after it, so that a wait that is over never overtakes what is recorded. */
  async idle(): Promise<void> {
    while (this.#isScheduled) await nextTick();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isSorted) this.#waiting.sort(latestFirst);
      this.#isSorted = true;
      this.#waiting.pop()?.resolve();
      this.#schedule();
    });
  }
}

function latestFirst({ record: a }: Replay, { record: b }: Replay): number {
  return b.at - a.at || b.position - a.position;
}
