import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isAfootError } from "../../core/errors.ts";
import type { ProgressMessage } from "../../core/messages.ts";
import { answering, type BrokerConformanceOptions, type BrokerEnds, subscribed } from "./ends.ts";

const CLAIM = { worker: "w1", claim: 1, places: [{ type: "widget", kinds: ["create"], free: 1 }] };

/** Worker requests: each is answered by a server, or rejects so that the worker repeats it. */
export function requestsSuite({ create }: BrokerConformanceOptions): void {
  describe("worker requests", () => {
    let ends: BrokerEnds;
    beforeEach(async () => {
      ends = await create();
    });
    afterEach(() => ends.close());

    it("carries each kind to the server and its reply back", async () => {
      const asked: unknown[] = [];
      ends.server.serve(
        answering({
          claim: async (request) => {
            asked.push(request);
            return { grants: [], nextDueMs: 5 };
          },
          record: async (request) => {
            asked.push(request);
            return { answer: "ok", cancel: true };
          },
          end: async (request) => {
            asked.push(request);
            return { answer: "refused", code: "unknown-status" };
          },
          beat: async (request) => {
            asked.push(request);
            return { cancel: [{ operation: "o1", attempt: 2 }], drop: [] };
          },
        }),
      );
      await subscribed(ends);
      const record = {
        operation: "o1",
        attempt: 1,
        step: "größe",
        state: "done",
        result: '{"a":"é"}',
        undo: false,
      } as const;
      const end = { operation: "o1", attempt: 1, outcome: "succeeded", details: "{}" } as const;
      const beat = { worker: "w1", number: 1, claimed: 1, held: [], progress: [] };
      assert.deepEqual(await ends.worker.request("claim", CLAIM), { grants: [], nextDueMs: 5 });
      assert.deepEqual(await ends.worker.request("record", record), { answer: "ok", cancel: true });
      assert.deepEqual(await ends.worker.request("end", end), { answer: "refused", code: "unknown-status" });
      assert.deepEqual(await ends.worker.request("beat", beat), {
        cancel: [{ operation: "o1", attempt: 2 }],
        drop: [],
      });
      assert.deepEqual(asked, [CLAIM, record, end, beat]);
    });

    it("answers a thousand requests under way at once, each with its own reply", async () => {
      ends.server.serve(answering({ claim: async ({ claim }) => ({ grants: [], nextDueMs: claim }) }));
      await subscribed(ends);
      const numbers = Array.from({ length: 1000 }, (_, index) => index);
      const replies = await Promise.all(numbers.map((claim) => ends.worker.request("claim", { ...CLAIM, claim })));
      assert.deepEqual(
        replies.map(({ nextDueMs }) => nextDueMs),
        numbers,
      );
    });

    it("rejects as broker-unavailable while nobody serves", async () => {
      await assert.rejects(
        ends.worker.request("claim", CLAIM, { timeoutMs: 500 }),
        (error) => isAfootError(error) && error.code === "broker-unavailable",
      );
    });

    it("rejects when the server could not answer, and goes on with the next request", async () => {
      let asked = 0;
      ends.server.serve(
        answering({
          claim: async () => {
            asked += 1;
            if (asked === 1) throw new Error("the store is away");
            return { grants: [] };
          },
        }),
      );
      await subscribed(ends);
      await assert.rejects(ends.worker.request("claim", CLAIM, { timeoutMs: 500 }));
      assert.deepEqual(await ends.worker.request("claim", CLAIM), { grants: [] });
    });

    it("stops serving when told to", async () => {
      const stop = ends.server.serve(answering({ claim: async () => ({ grants: [] }) }));
      await subscribed(ends);
      await ends.worker.request("claim", CLAIM);
      stop();
      await assert.rejects(ends.worker.request("claim", CLAIM, { timeoutMs: 500 }));
    });

    it("carries progress to a server", async () => {
      const arrived = Promise.withResolvers<ProgressMessage>();
      ends.server.serve(answering({ progress: arrived.resolve }));
      await subscribed(ends);
      const message = {
        operation: "o1",
        attempt: 1,
        sequence: 3,
        progress: 0.5,
        status: "Booting",
        details: '{"a":1}',
      };
      ends.worker.progress(message);
      assert.deepEqual(await arrived.promise, message);
    });
  });
}
