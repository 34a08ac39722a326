import assert from "node:assert/strict";
import { test } from "node:test";
import { SteppedClock } from "../../test/support/stepped-clock.ts";
import { localBroker } from "../brokers/local/index.ts";
import { silentLog } from "../core/ports/log.ts";
import { createRequester } from "./requests.ts";

const RECORD = { operation: "o", attempt: 1, step: "s", state: "started", undo: true } as const;

/** Sends a request from a process that is paused for `ms` while the reply is in transit. */
async function requestsWhileStopped(ms: number): Promise<{ readonly result: string; readonly requests: number }> {
  const clock = new SteppedClock();
  const broker = localBroker();
  await broker.open?.({ log: silentLog, clock });
  let requests = 0;
  broker.serve({
    progress: () => {},
    claim: async () => ({ grants: [] }),
    end: async () => ({ result: "ok" }),
    beat: async () => ({ cancel: [], drop: [] }),
    record: async () => {
      requests += 1;
      if (requests > 1) return { result: "drop" };
      clock.advance(ms);
      return { result: "ok" };
    },
  });
  const request = createRequester({ broker, clock, log: silentLog, timeoutMs: 10_000 });
  const { result } = await request("record", RECORD, new AbortController().signal);
  await broker.close?.();
  return { result, requests };
}

test("a reply received after a pause of the process is requested again: the attempt may have another owner", async () => {
  assert.deepEqual(await requestsWhileStopped(20_000), { result: "drop", requests: 2 });
});

test("a reply in time is returned", async () => {
  assert.deepEqual(await requestsWhileStopped(9000), { result: "ok", requests: 1 });
});
