import assert from "node:assert/strict";
import { test } from "node:test";
import { SteppedClock } from "../../test/support/stepped-clock.ts";
import { localBroker } from "../brokers/local/index.ts";
import { silentLog } from "../core/ports/log.ts";
import { createRequester } from "./requests.ts";

const RECORD = { operation: "o", attempt: 1, step: "s", state: "started", undo: true } as const;

/** Sends a request from a process that is paused for `ms` while the reply is in transit. */
async function askedWhileStanding(ms: number): Promise<{ readonly result: string; readonly asked: number }> {
  const clock = new SteppedClock();
  const broker = localBroker();
  await broker.open?.({ log: silentLog, clock });
  let asked = 0;
  broker.serve({
    progress: () => {},
    claim: async () => ({ grants: [] }),
    end: async () => ({ result: "ok" }),
    beat: async () => ({ cancel: [], drop: [] }),
    record: async () => {
      asked += 1;
      if (asked > 1) return { result: "drop" };
      clock.advance(ms);
      return { result: "ok" };
    },
  });
  const ask = createRequester({ broker, clock, log: silentLog, timeoutMs: 10_000 });
  const { result } = await ask("record", RECORD, new AbortController().signal);
  await broker.close?.();
  return { result, asked };
}

test("a reply received after a pause of the process is requested again: the attempt may have another owner", async () => {
  assert.deepEqual(await askedWhileStanding(20_000), { result: "drop", asked: 2 });
});

test("a reply in time is returned", async () => {
  assert.deepEqual(await askedWhileStanding(9000), { result: "ok", asked: 1 });
});
