import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";
import type { ChangeResult } from "../change.ts";
import type { StatusReportedEvent } from "../events.ts";
import { isClaimed, nextDeadlineAt } from "../operation.ts";

// Status messages of external processes for external operations that no worker has claimed.

const ERROR = { code: "no-capacity", title: "No capacity", detail: "The rack is full.", retryable: false };
const external = policyWith({}, { external: true });
const pending = (): Row => Row.created(external);

/** An instant of the process's own clock, which is never compared with the server's. */
const SENT = 5;

function report(row: Row, message: Partial<StatusReportedEvent>, sentAt = SENT): ChangeResult {
  return row.applyEvent({ event: "reported", sentAt, ...message } as StatusReportedEvent);
}

function begun(): Row {
  const row = pending();
  report(row, { progress: 0.25 });
  return row;
}

describe("an external operation that no worker has claimed", () => {
  test("reported: running, attempt 1, unclaimed, its deadline the only limit", () => {
    const row = begun();
    const { state, attempt, progress, startedAt, dueAt, timeoutAt, deadlineAt } = row.operation;
    assert.deepEqual(
      { state, attempt, progress, startedAt, dueAt, timeoutAt },
      { state: "running", attempt: 1, progress: 0.25, startedAt: row.now, dueAt: null, timeoutAt: null },
    );
    assert.equal(isClaimed(row.operation), false);
    assert.equal(nextDeadlineAt(row.operation), deadlineAt);
    assert.deepEqual(
      row.history.map(({ event }) => event),
      ["accepted", "claimed"],
    );
  });

  test("shows status, progress and details of every message, details merged", () => {
    const row = begun();
    report(row, { status: "Booting", details: '{"ip":"::1"}' }, SENT + 1);
    report(row, { progress: 0.5, details: '{"rack":7}' }, SENT + 2);
    assert.equal(row.resource.status, "Booting");
    assert.equal(row.operation.progress, 0.5);
    assert.equal(row.operation.details, '{"ip":"::1","rack":7}');
    assert.equal(row.operation.attempt, 1);
  });

  test("an older message than the newest is dropped, one of the same instant is not", () => {
    const row = begun();
    report(row, { status: "Booting" }, SENT + 10);
    assert.equal(report(row, { status: "Allocating" }, SENT + 9).outcome, "dropped");
    assert.equal(report(row, { status: "Checking" }, SENT + 10).outcome, "applied");
    assert.equal(row.resource.status, "Checking");
    assert.equal(report(row, { outcome: "failed", error: ERROR }, SENT + 9).outcome, "dropped");
  });

  test("what comes after everything is never dropped, whatever its clock says, and ends the operation once", () => {
    const row = begun();
    report(row, { status: "Booting" }, SENT + 10);
    assert.equal(report(row, { status: "Checking", isLatest: true }, SENT + 9).outcome, "applied");
    assert.equal(row.resource.status, "Checking");
    assert.equal(report(row, { status: "Allocating" }, SENT + 9).outcome, "dropped");
    assert.equal(report(row, { outcome: "succeeded", details: "{}", isLatest: true }, SENT).outcome, "applied");
    assert.equal(row.operation.state, "succeeded");
    assert.equal(report(row, { outcome: "succeeded", details: "{}", isLatest: true }, SENT).code, "settled");
  });

  test("progress never goes back", () => {
    const row = begun();
    report(row, { progress: 0.1 }, SENT + 1);
    assert.equal(row.operation.progress, 0.25);
  });

  test("succeeded: settled with its details, also as the first message", () => {
    const row = pending();
    report(row, { outcome: "succeeded", details: '{"ip":"::1"}', label: "Stopped" });
    assert.equal(row.operation.state, "succeeded");
    assert.equal(row.operation.attempt, 1);
    assert.equal(row.resource.status, "Stopped");
    assert.equal(row.resource.details, '{"ip":"::1"}');
  });

  test("succeeded with a label that is not declared: refused, nothing begun", () => {
    const row = pending();
    assert.equal(report(row, { outcome: "succeeded", details: "{}", label: "Fine" }).code, "unknown-status");
    assert.equal(row.operation.attempt, 0);
  });

  test("failed: settled for good, whether or not it may be retried", () => {
    for (const retryable of [true, false]) {
      const row = begun();
      report(row, { outcome: "failed", error: { ...ERROR, retryable } }, SENT + 1);
      assert.equal(row.operation.state, "failed");
      assert.deepEqual(row.resource.error, { ...ERROR, retryable });
    }
  });

  test("the message that settled it, again: unchanged; an older one: dropped; a newer one: refused", () => {
    const row = begun();
    report(row, { outcome: "succeeded", details: "{}" }, SENT + 5);
    assert.equal(report(row, { outcome: "succeeded", details: "{}" }, SENT + 5).outcome, "unchanged");
    assert.equal(report(row, { progress: 0.9 }, SENT + 4).outcome, "dropped");
    assert.equal(report(row, { progress: 0.9 }, SENT + 6).code, "settled");
  });

  test("details beyond what the operation may hold: refused", () => {
    const row = Row.created(policyWith({ maxBytes: 50 }, { external: true }));
    assert.equal(report(row, { details: JSON.stringify({ text: "x".repeat(50) }) }).code, "operation-too-large");
    assert.equal(row.operation.state, "pending");
  });

  test("silent: nothing ends it before its deadline, which does", () => {
    const row = begun();
    assert.equal(row.reap(row.operation.deadlineAt - 1).outcome, "dropped");
    row.reap(row.operation.deadlineAt);
    assert.equal(row.operation.state, "failed");
    assert.equal(row.resource.error?.code, "deadline-exceeded");
  });

  test("cancel: cancelled at once, without a worker to wait for", () => {
    const row = begun();
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.operation.state, "cancelled");
    assert.equal(report(row, { outcome: "succeeded", details: "{}" }, SENT + 1).code, "settled");
  });

  test("DELETE: cancelled, then deleted", () => {
    const row = begun();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.operation.kind, "delete");
    assert.equal(row.operation.state, "pending");
  });

  test("once reported, no worker may claim it", () => {
    const row = begun();
    row.now += 1000;
    assert.equal(row.claim().outcome, "dropped");
    assert.equal(row.operation.attempt, 1);
  });
});

describe("a status message is not applied", () => {
  test("of an operation that a worker has claimed: refused, until the worker is lost", () => {
    const row = Row.running(external);
    assert.equal(report(row, { progress: 0.5 }).code, "operation-claimed");
    row.applyAttemptEvent({ event: "lost" });
    assert.equal(report(row, { progress: 0.5 }).outcome, "applied");
    assert.equal(row.operation.attempt, 2);
  });

  test("of an operation with work of its own: refused", () => {
    assert.equal(report(Row.created(), { progress: 0.5 }).code, "not-external");
  });

  test("a message about the previous operation does not begin the next one, a later message does", () => {
    for (const kind of ["update", "create"]) {
      const row = begun();
      report(row, { outcome: "failed", error: ERROR }, SENT + 7);
      row.accept({ kind, ...(kind === "create" ? { retryOf: row.operation.id } : {}) });
      assert.equal(report(row, { outcome: "failed", error: ERROR }, SENT + 7).outcome, "dropped", "delivered again");
      assert.equal(row.operation.state, "pending");
      assert.equal(report(row, { progress: 0.5 }, SENT + 8).outcome, "applied");
    }
  });

  test("while steps are being undone", () => {
    const row = Row.running(external);
    row.step("disk", "done");
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.operation.state, "undoing");
    assert.equal(report(row, { outcome: "succeeded", details: "{}" }).outcome, "dropped");
  });
});
