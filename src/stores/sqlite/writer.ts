import { batch } from "../../core/batch.ts";
import { AfootError, StoreUnavailableError } from "../../core/errors.ts";
import type { Answer, CallName, WriteCall, WriteCalls } from "./protocol.ts";
import type { Thread } from "./thread.ts";

/** Gathers single calls into groups that share a commit. */
export interface Writer {
  /**
   * Resolves once the call is committed, with one result for each entry.
   *
   * @throws AfootError `store-refused` where an entry was refused for its data: the others of the call are applied
   */
  write<Name extends CallName>(
    call: Name,
    entries: readonly WriteCalls[Name]["entry"][],
  ): Promise<readonly WriteCalls[Name]["result"][]>;
  /** Resolves once no call is under way. */
  idle(): Promise<void>;
}

/** While one group is being committed, the next is already on its way to the thread. */
const GROUPS_UNDER_WAY = 2;

export function createWriter(thread: Thread): Writer {
  const enqueue = batch<WriteCall, Answer>((calls) => thread.commit(calls), { concurrency: GROUPS_UNDER_WAY });
  const underWay = new Set<Promise<Answer>>();
  const ask = async (call: WriteCall): Promise<Answer> => {
    const answer = enqueue(call);
    underWay.add(answer);
    try {
      return await answer;
    } finally {
      underWay.delete(answer);
    }
  };
  return {
    async write(call, entries) {
      // The types of entry and result belong together by the name, which TypeScript cannot follow through a queue of all names.
      const answer = await ask({ call, entries } as unknown as WriteCall);
      switch (answer.answer) {
        case "results":
          return answer.results as readonly WriteCalls[typeof call]["result"][];
        case "refused":
          throw new AfootError("store-refused", `The store cannot hold this: ${answer.message}`);
        case "unavailable":
          throw new StoreUnavailableError(`The store could not write: ${answer.message}`);
      }
    },
    async idle() {
      await Promise.allSettled(underWay);
    },
  };
}
