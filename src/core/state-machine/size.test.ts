import assert from "node:assert/strict";
import { test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";
import type { StepRecord } from "../resource.ts";
import { clearedSize, messageSize, recordSize } from "./size.ts";

const error = { code: "c", title: "t", detail: "d", retryable: true };
const errorLength = JSON.stringify(error).length;
const done: StepRecord = {
  step: "disk",
  state: "done",
  result: '"d1"',
  error: null,
  undo: true,
  position: 1,
  generation: 0,
  at: 0,
};
const failed: StepRecord = { ...done, state: "failed", result: null, error };

test("a record counts its step, result and error, and 128 beside", () => {
  assert.equal(recordSize(done), 128 + 4 + 4);
  assert.equal(recordSize(failed), 128 + 4 + errorLength);
});

test("a message counts its id, name and value, and 128 beside", () => {
  assert.equal(messageSize({ id: "m1", name: "approval", value: "true" }), 128 + 2 + 8 + 4);
});

test("clearing frees the error of a failed record with an undo, the whole of one without, nothing of any other", () => {
  assert.equal(clearedSize(failed), errorLength);
  assert.equal(clearedSize({ ...failed, undo: false }), recordSize(failed));
  assert.equal(clearedSize(done), 0);
});

test("an operation may hold exactly what its type allows, and not a character more", () => {
  const message = { event: "received", id: "m1", name: "approval", value: "true" } as const;
  const size = messageSize(message);
  assert.equal(Row.created(policyWith({ maxBytes: size })).applyEvent(message).outcome, "applied");
  assert.equal(Row.created(policyWith({ maxBytes: size - 1 })).applyEvent(message).code, "operation-too-large");
});

test("beyond a limit that a deploy has lowered nothing grows, and everything else continues", () => {
  const policy = policyWith();
  const row = Row.running(policy);
  row.applyAttemptEvent({ event: "progress", sequence: 1, details: '{"a":1}' });
  Object.assign(policy, { maxBytes: 1 });
  assert.equal(row.applyAttemptEvent({ event: "progress", sequence: 2, details: '{"a":2}' }).outcome, "applied");
  row.applyAttemptEvent({ event: "progress", sequence: 3, details: '{"a":10}' });
  assert.deepEqual(
    { details: row.operation.details, sequence: row.operation.sequence },
    { details: '{"a":2}', sequence: 3 },
  );
});
