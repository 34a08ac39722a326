import assert from "node:assert/strict";
import { isInProgress, nextDeadlineAt } from "../../src/core/operation.ts";
import { type Resource, shownConfiguration, shownDetails } from "../../src/core/resource.ts";
import { clearedSize, messageSize, recordSize } from "../../src/core/state-machine/size.ts";
import type { Row } from "./row.ts";

/** What must hold of a row by itself. */
export function checkRow(row: Row): void {
  const { operation } = row;
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  const bytes =
    sum(row.records.map(recordSize)) + sum(row.messages.map(messageSize)) + (operation.details?.length ?? 0);
  assert.equal(operation.bytes, bytes, "what it holds is counted");
  assert.equal(operation.failedBytes, sum(row.records.map(clearedSize)), "and what of it would be cleared");
  assert.equal(operation.undoable, row.left.length, "what is to be undone is counted");
  if (isInProgress(operation)) checkInProgress(row);
  else checkSettled(row);
}

function checkInProgress({ operation, policy }: Row): void {
  const { state, worker, dueAt, timeoutAt, settling, kind } = operation;
  const at = nextDeadlineAt(operation);
  assert.ok(at !== null && Number.isFinite(at), "somebody will look at it");
  assert.equal(worker !== null, timeoutAt !== null, "an attempt has a limit");
  assert.ok(worker === null || dueAt === null, "what is held is not due");
  if (worker === null) assert.notEqual(state, "cancelling", "there is nobody to wait for");
  else assert.ok(state === "running" || state === "cancelling" || state === "undoing");
  const isTold = worker === null && state === "running";
  assert.ok(!isTold || policy.kinds[kind]?.external === true, "an outside process tells of it");
  const { awaitedMessages: awaiting, attemptAt, startedAt, attempt } = operation;
  assert.ok(state === "waiting" || state === "pending" || awaiting.length === 0, "only what waits awaits a message");
  assert.deepEqual([attemptAt !== null, startedAt !== null], [attempt > 0, attempt > 0], "an attempt began some time");
  assert.ok(state !== "pending" || dueAt !== null, "what is pending is due some time");
  assert.equal(settling !== null, state === "cancelling" || state === "undoing");
}

function checkSettled({ operation, resource, left }: Row): void {
  const { worker, claim, dueAt, timeoutAt, settling, state } = operation;
  assert.deepEqual(
    { worker, claim, dueAt, timeoutAt, settling, nextDeadlineAt: nextDeadlineAt(operation) },
    { worker: null, claim: null, dueAt: null, timeoutAt: null, settling: null, nextDeadlineAt: null },
  );
  assert.equal(state === "succeeded", resource.error === null, "succeeded is settled without error");
  if (state === "succeeded") return;
  if (resource.error?.code !== "undo-incomplete") assert.deepEqual(left, [], "what is not named as left is undone");
  assert.equal(state === "cancelled", resource.error?.code === "cancelled");
}

/** What must hold of any two states of a row that follow each other. */
export function checkChange(before: Resource, after: Resource): void {
  assert.ok(after.updatedAt >= before.updatedAt);
  const isShownAnew = shown(before) !== shown(after) || before.operation.id !== after.operation.id;
  assert.equal(after.version - before.version, isShownAnew ? 1 : 0, "version grows with what is shown, by one");
  if (before.creation === after.creation) {
    assert.equal(
      after.edit - before.edit,
      edited(before) === edited(after) ? 0 : 1,
      "edit grows with what can be edited alone",
    );
  }
  if (before.operation.id !== after.operation.id) return;
  if (isInProgress(before.operation)) {
    assert.ok(
      after.operation.attempt >= before.operation.attempt && after.operation.attempt <= before.operation.attempt + 1,
    );
  } else {
    // Which ready label and which details something has out there may change any time.
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

/** All that any representation shows. */
function shown(resource: Resource): string {
  const { attempt, progress, estimatedEndAt, settledAt } = resource.operation;
  const { error, deletedAt } = resource;
  return JSON.stringify([edited(resource), error, deletedAt, attempt, progress, estimatedEndAt, settledAt]);
}
