import assert from "node:assert/strict";
import { test } from "node:test";
import { AfootError } from "../../core/errors.ts";
import { silentLog } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { createRecorder } from "./recorder.ts";

const step = { operation: "o", attempt: 1, step: "disk", state: "done", undo: false } as const;
const end = { operation: "o", attempt: 1, outcome: "succeeded", details: "{}" } as const;

test("a rejected record is refused permanently, and an unavailable store leads to a retry", async () => {
  const failing = (code: string) =>
    createRecorder({
      commit: () => Promise.reject(new AfootError(code, "not this")),
      clock: systemClock,
      log: silentLog,
      telemetry: { onAttemptEnded: () => assert.fail("nothing was applied") },
      childCommands: () => assert.fail("no child"),
    });
  const refusing = failing("store-refused");
  assert.deepEqual(await refusing.record(step), { result: "too-large" });
  assert.deepEqual(await refusing.end(end), { result: "refused", code: "operation-too-large" });
  await assert.rejects(failing("store-unavailable").record(step), { code: "store-unavailable" });
  await assert.rejects(failing("store-unavailable").end(end), { code: "store-unavailable" });
});
