import { AfootError, StoreUnavailableError } from "../../../core/errors.ts";
import type { Store } from "../../../core/ports/store.ts";
import { batch } from "../../../core/scheduling/batch.ts";
import type { Answer, WriteCall } from "./protocol.ts";
import type { Thread } from "./thread.ts";

/** The writing half of the store: single calls are gathered into groups that share a commit. */
export interface Writer extends Pick<Store, "apply" | "claim" | "saveDurations" | "addSettled" | "purge" | "counts"> {
  /** Resolves once no call is under way. */
  idle(): Promise<void>;
}

/** While one group is being committed, the next is already on its way to the thread. */
const GROUPS_UNDER_WAY = 2;

export function createWriter(thread: Thread): Writer {
  const enqueue = batch<WriteCall, Answer>((calls) => thread.commit(calls), { concurrency: GROUPS_UNDER_WAY });
  const underWay = new Set<Promise<Answer>>();

  async function ask<Name extends Answer["answer"]>(
    call: WriteCall,
    name: Name,
  ): Promise<Extract<Answer, { answer: Name }>> {
    const asked = enqueue(call);
    underWay.add(asked);
    try {
      const answer = await asked;
      if (isAnswer(answer, name)) return answer;
      throw errorOf(answer);
    } finally {
      underWay.delete(asked);
    }
  }

  return {
    apply: async (changes) => (await ask({ call: "apply", changes }, "applied")).applied,
    claim: async (requests) => (await ask({ call: "claim", requests }, "granted")).granted,
    async saveDurations(samples) {
      await ask({ call: "save-durations", samples }, "saved");
    },
    async addSettled(counts) {
      await ask({ call: "add-settled", counts }, "saved");
    },
    purge: async (request) => (await ask({ call: "purge", request }, "purged")).gone,
    counts: async () => (await ask({ call: "count" }, "counted")).counts,
    async idle() {
      await Promise.allSettled(underWay);
    },
  };
}

function isAnswer<Name extends Answer["answer"]>(
  answer: Answer,
  name: Name,
): answer is Extract<Answer, { answer: Name }> {
  return answer.answer === name;
}

function errorOf(answer: Answer): AfootError {
  if (answer.answer === "refused") {
    return new AfootError("store-refused", `The store cannot hold this: ${answer.reason}`);
  }
  const reason = answer.answer === "unavailable" ? answer.reason : `an answer of another kind: ${answer.answer}`;
  return new StoreUnavailableError(`The store could not write: ${reason}`);
}
