import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { checkExceptions, createWaiter, type WaiterResult, WaiterState } from "@smithy/util-waiter";
import { type CompatibilityServer, OUTCOMES, startServer } from "./server.ts";

const EXPECTED = {
  succeeded: [WaiterState.SUCCESS, undefined],
  failed: [WaiterState.FAILURE, "not-approved"],
  cancelled: [WaiterState.FAILURE, "cancelled"],
} as const;

/** The acceptors of this waiter, which use no label. */
async function poll(server: CompatibilityServer, path: string): Promise<WaiterResult> {
  const { headers, body } = await server.call("GET", path);
  if (headers.has("retry-after")) return { state: WaiterState.RETRY, reason: body };
  return { state: body?.["error"] === undefined ? WaiterState.SUCCESS : WaiterState.FAILURE, reason: body };
}

describe("@smithy/util-waiter", { concurrency: true, timeout: 120_000 }, () => {
  const starting = startServer();
  after(async () => (await starting)[Symbol.asyncDispose]());

  for (const outcome of OUTCOMES) {
    it(`waits for a resource that is ${outcome}`, async () => {
      const server = await starting;
      const path = await server.create();
      const polled = Promise.withResolvers<void>();
      const waiting = createWaiter(
        { client: server, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
        path,
        async (client, input) => poll(client, input).finally(polled.resolve),
      );
      await polled.promise;
      await server.end(path, outcome);
      const result = await waiting;
      const shown: unknown = result.final;
      const [state, code] = EXPECTED[outcome];
      assert.equal(result.state, state);
      assert.partialDeepStrictEqual(
        shown,
        code === undefined ? { status: "Ready", IPAddress: "192.168.1.10" } : { error: { code } },
      );
      if (code !== undefined) assert.throws(() => checkExceptions(result), new RegExp(code));
    });
  }
});
