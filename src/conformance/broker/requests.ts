import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isAfootError } from "../../core/errors.ts";
import type { Grant, ProgressMessage } from "../../core/ports/messages.ts";
import { handlersWith, type BrokerConformanceOptions, type BrokerFixture, subscribed } from "./fixture.ts";

const CLAIM = { worker: "w1", claim: 1, slots: [{ type: "widget", kinds: ["create"], free: 1 }] };

function grantOf(operation: string, text: string): Grant {
  return {
    operation,
    root: operation,
    type: "widget",
    id: "1",
    kind: "create",
    attempt: 1,
    failures: 0,
    configuration: "{}",
    previousConfiguration: null,
    details: text,
    input: null,
    progress: null,
    status: "Working",
    records: [],
    received: [],
    mode: "forward",
    isolated: false,
    timeoutMs: 1000,
    deadlineAt: 10_000,
    traceparent: null,
    at: 0,
  };
}

/** Registers the tests of worker requests. Each is answered by a server, or rejects so that the worker repeats it. */
export function requestsSuite({ create }: BrokerConformanceOptions): void {
  describe("worker requests", () => {
    let ends: BrokerFixture;
    beforeEach(async () => {
      ends = await create();
    });
    afterEach(() => ends.close());

    it("carries each kind to the server and its reply back", async () => {
      const requests: unknown[] = [];
      ends.server.serve(
        handlersWith({
          claim: async (request) => {
            requests.push(request);
            return { grants: [], nextDueMs: 5 };
          },
          record: async (request) => {
            requests.push(request);
            return { result: "ok", cancel: true };
          },
          end: async (request) => {
            requests.push(request);
            return { result: "refused", code: "unknown-status" };
          },
          beat: async (request) => {
            requests.push(request);
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
      const beat = { worker: "w1", number: 1, lastClaim: 1, attempts: [], progress: [] };
      assert.deepEqual(await ends.worker.request("claim", CLAIM), { grants: [], nextDueMs: 5 });
      assert.deepEqual(await ends.worker.request("record", record), { result: "ok", cancel: true });
      assert.deepEqual(await ends.worker.request("end", end), { result: "refused", code: "unknown-status" });
      assert.deepEqual(await ends.worker.request("beat", beat), {
        cancel: [{ operation: "o1", attempt: 2 }],
        drop: [],
      });
      assert.deepEqual(requests, [CLAIM, record, end, beat]);
    });

    it("answers a thousand requests under way at once, each with its own reply", async () => {
      ends.server.serve(handlersWith({ claim: async ({ claim }) => ({ grants: [], nextDueMs: claim }) }));
      await subscribed(ends);
      const numbers = Array.from({ length: 1000 }, (_, index) => index);
      const replies = await Promise.all(numbers.map((claim) => ends.worker.request("claim", { ...CLAIM, claim })));
      assert.deepEqual(
        replies.map(({ nextDueMs }) => nextDueMs),
        numbers,
      );
    });

    it("rejects as broker-unavailable while no server is there", async () => {
      await assert.rejects(
        ends.worker.request("claim", CLAIM, { timeoutMs: 500 }),
        (error) => isAfootError(error) && error.code === "broker-unavailable",
      );
    });

    it("rejects when the server could not answer, and continues with the next request", async () => {
      let requests = 0;
      ends.server.serve(
        handlersWith({
          claim: async () => {
            requests += 1;
            if (requests === 1) throw new Error("the store is unavailable");
            return { grants: [] };
          },
        }),
      );
      await subscribed(ends);
      // The reply is an error, so the request does not wait for its timeout.
      await assert.rejects(ends.worker.request("claim", CLAIM, { timeoutMs: 600_000 }));
      assert.deepEqual(await ends.worker.request("claim", CLAIM), { grants: [] });
    });

    it("carries requests and replies of any size, several at once", async () => {
      const text = JSON.stringify("größe ".repeat(400_000));
      const record = { operation: "o1", attempt: 1, step: "large", state: "done", result: text, undo: false } as const;
      ends.server.serve(
        handlersWith({
          claim: async () => ({ grants: [grantOf("o1", text), grantOf("o2", text)] }),
          record: async ({ result }) => ({ result: result === text ? "ok" : "drop" }),
        }),
      );
      await subscribed(ends);
      const [claimed, recorded, again] = await Promise.all([
        ends.worker.request("claim", CLAIM),
        ends.worker.request("record", record),
        ends.worker.request("claim", CLAIM),
      ]);
      for (const { grants } of [claimed, again]) {
        assert.deepEqual(
          grants.map(({ details }) => details === text),
          [true, true],
        );
      }
      assert.deepEqual(recorded, { result: "ok" });
    });

    it("has one server in a process", () => {
      ends.server.serve(handlersWith({}));
      assert.throws(
        () => ends.server.serve(handlersWith({})),
        (error) => isAfootError(error) && error.code === "broker-served",
      );
    });

    it("rejects as broker-unavailable once it is closed", async () => {
      ends.server.serve(handlersWith({ claim: async () => ({ grants: [] }) }));
      await ends.worker.close();
      await assert.rejects(
        ends.worker.request("claim", CLAIM, { timeoutMs: 600_000 }),
        (error) => isAfootError(error) && error.code === "broker-unavailable",
      );
      ends.worker.progress({ operation: "o1", attempt: 1, sequence: 1 });
      ends.worker.wake(["widget"]);
      ends.worker.announce([{ type: "widget", id: "1", version: 1 }]);
      assert.equal(await ends.worker.flush("w1", "o1", 600_000), undefined);
    });

    it("stops serving", async () => {
      const stop = ends.server.serve(handlersWith({ claim: async () => ({ grants: [] }) }));
      await subscribed(ends);
      await ends.worker.request("claim", CLAIM);
      stop();
      await assert.rejects(ends.worker.request("claim", CLAIM, { timeoutMs: 500 }));
    });

    it("carries progress to a server", async () => {
      const arrived = Promise.withResolvers<ProgressMessage>();
      ends.server.serve(handlersWith({ progress: arrived.resolve }));
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
