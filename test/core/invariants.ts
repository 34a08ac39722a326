import assert from "node:assert/strict";
import { isInProgress, nextDeadlineAt } from "../../src/core/operation.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../src/core/resource.ts";
import { clearedSize, messageSize, recordSize } from "../../src/core/state-machine/size.ts";
import type { Row } from "./row.ts";

/** Checks the invariants of a single row. */
export function checkRow(row: Row): void {
  const { operation } = row;
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  const bytes =
    sum(row.records.map(recordSize)) + sum(row.messages.map(messageSize)) + (operation.details?.length ?? 0);
  assert.equal(operation.bytes, bytes, "the size is exact");
  assert.equal(operation.failedBytes, sum(row.records.map(clearedSize)), "the size of the failed records is exact");
  assert.equal(operation.undoable, row.stepsNotUndone.length, "the number of steps to undo is exact");
  if (isInProgress(operation)) checkInProgress(row);
  else checkSettled(row);
}

function checkInProgress({ operation, policy }: Row): void {
  const { state, worker, dueAt, timeoutAt, settling, kind } = operation;
  const at = nextDeadlineAt(operation);
  assert.ok(at !== null && Number.isFinite(at), "the reaper will check it");
  assert.equal(worker !== null, timeoutAt !== null, "a claimed attempt has a timeout");
  assert.ok(worker === null || dueAt === null, "a claimed operation is not due");
  if (worker === null) assert.notEqual(state, "cancelling", "an unclaimed operation has no worker to wait for");
  else assert.ok(state === "running" || state === "cancelling" || state === "undoing");
  const isExternal = worker === null && state === "running";
  assert.ok(!isExternal || policy.kinds[kind]?.external === true, "only an external operation runs unclaimed");
  const { awaitedMessages, attemptAt, startedAt, attempt } = operation;
  assert.ok(
    (state !== "undoing" && operation.settledAt === null) || awaitedMessages.every((name) => name.startsWith("child:")),
    "no operation that is undoing or settled awaits a message",
  );
  assert.deepEqual([attemptAt !== null, startedAt !== null], [attempt > 0, attempt > 0], "every attempt has a start");
  assert.ok(state !== "pending" || dueAt !== null, "a pending operation is due at some time");
  assert.equal(settling !== null, state === "cancelling" || state === "undoing");
}

function checkSettled({ operation, resource, stepsNotUndone }: Row): void {
  const { worker, claim, dueAt, timeoutAt, settling, state } = operation;
  assert.deepEqual(
    { worker, claim, dueAt, timeoutAt, settling, nextDeadlineAt: nextDeadlineAt(operation) },
    { worker: null, claim: null, dueAt: null, timeoutAt: null, settling: null, nextDeadlineAt: null },
  );
  assert.equal(state === "succeeded", resource.error === null, "succeeded is settled without error");
  if (state === "succeeded") return;
  if (resource.error?.code !== "undo-incomplete") {
    assert.deepEqual(stepsNotUndone, [], "every step that is not named is undone");
  }
  assert.equal(state === "cancelled", resource.error?.code === "cancelled");
}

/** Checks the invariants of two consecutive states of a row. */
export function checkChange(before: Resource, after: Resource): void {
  assert.ok(after.updatedAt >= before.updatedAt);
  const isShownAnew = shown(before) !== shown(after) || before.operation.id !== after.operation.id;
  assert.equal(after.version - before.version, isShownAnew ? 1 : 0, "version grows with what is shown, by one");
  if (before.creation === after.creation) {
    assert.equal(
      after.edit - before.edit,
      edited(before) === edited(after) ? 0 : 1,
      "edit grows only with editable fields",
    );
  }
  if (before.operation.id !== after.operation.id) return;
  if (isInProgress(before.operation)) {
    assert.ok(
      after.operation.attempt >= before.operation.attempt && after.operation.attempt <= before.operation.attempt + 1,
    );
  } else {
    // The ready label and the details may follow the background process.
    const { status, settledStatus, details, edit, version, updatedAt } = after;
    const isThere = before.status !== "Failed" && before.status !== "Cancelled";
    const watched = isThere ? { status, settledStatus, details, edit, version, updatedAt } : {};
    assert.deepEqual(after, { ...before, ...watched }, "settled is sticky");
  }
  const isSameAttempt = before.operation.attempt === after.operation.attempt && after.operation.worker !== null;
  const [from, to] = [before.operation.progress ?? 0, after.operation.progress ?? 0];
  assert.ok(!isSameAttempt || to >= from, "progress never goes back within an attempt");
}

function edited(resource: Resource): string {
  return JSON.stringify([resource.status, shownConfiguration(resource), shownDetails(resource)]);
}

/** Everything that a representation can show. */
function shown(resource: Resource): string {
  const { attempt, progress, estimatedEndAt, settledAt } = resource.operation;
  const { error, deletedAt } = resource;
  return JSON.stringify([edited(resource), error, deletedAt, attempt, progress, estimatedEndAt, settledAt]);
}
