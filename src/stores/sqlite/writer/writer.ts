import { AfootError, StoreFullError, StoreUnavailableError } from "../../../core/errors.ts";
import type { StoreReporting } from "../../../core/ports/reporting.ts";
import type { Store } from "../../../core/ports/store.ts";
import { batch } from "../../../core/scheduling/batch.ts";
import type { WriteReply, WriteCall } from "./protocol.ts";
import type { Thread } from "./thread.ts";

/** The writing half of the store. Single calls are gathered into groups that share a commit (group commit). */
export interface Writer
  extends
    Pick<Store, "apply" | "claim" | "purge" | "adjustToClock" | "checkWritable">,
    Pick<StoreReporting, "saveDurations" | "addSettledCounts" | "inProgressCounts"> {
  /** Resolves when no call is pending. */
  idle(): Promise<void>;
}

/** Maximum number of groups sent to the thread: while one is committed, the next is on its way. */
const MAX_CONCURRENT_GROUPS = 2;

export function createWriter(thread: Thread): Writer {
  const enqueue = batch<WriteCall, WriteReply>((calls) => thread.commit(calls), { concurrency: MAX_CONCURRENT_GROUPS });
  const pending = new Set<Promise<WriteReply>>();

  async function send<Result extends WriteReply["result"]>(
    call: WriteCall,
    result: Result,
  ): Promise<Extract<WriteReply, { result: Result }>> {
    const sent = enqueue(call);
    pending.add(sent);
    try {
      const reply = await sent;
      if (hasResult(reply, result)) return reply;
      throw errorOf(reply);
    } finally {
      pending.delete(sent);
    }
  }

  return {
    apply: async (changes) => (await send({ call: "apply", changes }, "applied")).applied,
    claim: async (requests) => (await send({ call: "claim", requests }, "granted")).granted,
    async saveDurations(samples) {
      await send({ call: "save-durations", samples }, "saved");
    },
    async addSettledCounts(counts) {
      await send({ call: "add-settled", counts }, "saved");
    },
    purge: async (request) => (await send({ call: "purge", request }, "purged")).removed,
    async adjustToClock(reading) {
      const { movedMs, totalMs } = await send({ call: "clock", reading }, "adjusted");
      return { movedMs, totalMs };
    },
    async checkWritable() {
      await send({ call: "check" }, "saved");
    },
    inProgressCounts: async () => (await send({ call: "count" }, "counted")).counts,
    async idle() {
      await Promise.allSettled(pending);
    },
  };
}

function hasResult<Result extends WriteReply["result"]>(
  reply: WriteReply,
  result: Result,
): reply is Extract<WriteReply, { result: Result }> {
  return reply.result === result;
}

function errorOf(reply: WriteReply): AfootError {
  if (reply.result === "refused") {
    return new AfootError("store-refused", `The store cannot save this: ${reply.reason}`);
  }
  if (reply.result === "full") {
    return new StoreFullError(
      "The disk of the store is full; free disk space, then writes succeed again by themselves",
    );
  }
  const reason = reply.result === "unavailable" ? reply.reason : `unexpected reply: ${reply.result}`;
  return new StoreUnavailableError(`The store could not write: ${reason}`);
}
