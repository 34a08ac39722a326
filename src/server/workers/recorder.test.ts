import assert from "node:assert/strict";
import { test } from "node:test";
import { AfootError } from "../../core/errors.ts";
import { silentLog } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { createRecorder } from "./recorder.ts";

const step = { operation: "o", attempt: 1, step: "disk", state: "done", undo: false } as const;
const end = { operation: "o", attempt: 1, outcome: "succeeded", details: "{}" } as const;

test("what the store cannot hold is refused for good, what it could not be told is left to be repeated", async () => {
  const failing = (code: string) =>
    createRecorder({
      commit: () => Promise.reject(new AfootError(code, "not this")),
      clock: systemClock,
      log: silentLog,
      course: { attemptEnded: () => assert.fail("nothing was applied") },
    });
  const refusing = failing("store-refused");
  assert.deepEqual(await refusing.record(step), { answer: "too-large" });
  assert.deepEqual(await refusing.end(end), { answer: "refused", code: "operation-too-large" });
  await assert.rejects(failing("store-unavailable").record(step), { code: "store-unavailable" });
  await assert.rejects(failing("store-unavailable").end(end), { code: "store-unavailable" });
});
