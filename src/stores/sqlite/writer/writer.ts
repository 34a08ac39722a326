import { AfootError, StoreUnavailableError } from "../../../core/errors.ts";
import type { Store } from "../../../core/ports/store.ts";
import { batch } from "../../../core/scheduling/batch.ts";
import type { WriteReply, WriteCall } from "./protocol.ts";
import type { Thread } from "./thread.ts";

/** The writing half of the store: single calls are gathered into groups that share a commit. */
export interface Writer extends Pick<
  Store,
  "apply" | "claim" | "saveDurations" | "addSettledCounts" | "purge" | "counts"
> {
  /** Resolves once no call is under way. */
  idle(): Promise<void>;
}

/** While one group is being committed, the next is already on its way to the thread. */
const MAX_CONCURRENT_GROUPS = 2;

export function createWriter(thread: Thread): Writer {
  const enqueue = batch<WriteCall, WriteReply>((calls) => thread.commit(calls), { concurrency: MAX_CONCURRENT_GROUPS });
  const pending = new Set<Promise<WriteReply>>();

  async function call<Name extends WriteReply["answer"]>(
    call: WriteCall,
    name: Name,
  ): Promise<Extract<WriteReply, { answer: Name }>> {
    const asked = enqueue(call);
    pending.add(asked);
    try {
      const answer = await asked;
      if (isReply(answer, name)) return answer;
      throw errorOf(answer);
    } finally {
      pending.delete(asked);
    }
  }

  return {
    apply: async (changes) => (await call({ call: "apply", changes }, "applied")).applied,
    claim: async (requests) => (await call({ call: "claim", requests }, "granted")).granted,
    async saveDurations(samples) {
      await call({ call: "save-durations", samples }, "saved");
    },
    async addSettledCounts(counts) {
      await call({ call: "add-settled", counts }, "saved");
    },
    purge: async (request) => (await call({ call: "purge", request }, "purged")).gone,
    counts: async () => (await call({ call: "count" }, "counted")).counts,
    async idle() {
      await Promise.allSettled(pending);
    },
  };
}

function isReply<Name extends WriteReply["answer"]>(
  answer: WriteReply,
  name: Name,
): answer is Extract<WriteReply, { answer: Name }> {
  return answer.answer === name;
}

function errorOf(answer: WriteReply): AfootError {
  if (answer.answer === "refused") {
    return new AfootError("store-refused", `The store cannot hold this: ${answer.reason}`);
  }
  const reason = answer.answer === "unavailable" ? answer.reason : `an answer of another kind: ${answer.answer}`;
  return new StoreUnavailableError(`The store could not write: ${reason}`);
}
