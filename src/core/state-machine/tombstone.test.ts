import assert from "node:assert/strict";
import { test } from "node:test";
import { policyWithoutDelete, Row } from "../../../test/core/row.ts";

test("a tombstone is the row as it was, without error, with the delete as its settled operation", () => {
  const row = Row.ready(policyWithoutDelete());
  row.accept({ kind: "update" });
  row.applyEvent({ event: "cancel-requested" });
  const before = row.resource;
  row.now += 5;
  row.accept({ kind: "delete", id: "d", traceparent: "00-1" });
  const { operation, version, ...after } = row.resource;
  const { operation: _before, version: versionBefore, ...kept } = before;
  assert.deepEqual(after, { ...kept, error: null, updatedAt: row.now, deletedAt: row.now });
  assert.equal(version, versionBefore + 1);
  const {
    id,
    kind,
    root,
    state,
    acceptedAt,
    settledAt,
    dueAt,
    configuration,
    rawConfiguration: sent,
    input,
    traceparent: trace,
  } = operation;
  assert.deepEqual(
    { id, kind, root, state, trace },
    { id: "d", kind: "delete", root: "d", state: "succeeded", trace: "00-1" },
  );
  assert.deepEqual({ acceptedAt, settledAt, dueAt }, { acceptedAt: row.now, settledAt: row.now, dueAt: null });
  assert.deepEqual(
    { configuration, sent, input },
    { configuration: before.configuration, sent: before.rawConfiguration, input: null },
  );
  assert.ok(Number.isFinite(operation.deadlineAt));
  assert.deepEqual(row.history.at(-1), { at: row.now, event: "deleted", operation: "d", kind: "delete", attempt: 0 });
});
