import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../test/core/row.ts";
import { nextDeadlineAt } from "./operation.ts";

const GRACE_MS = 15_000;

describe("nextDeadlineAt", () => {
  test("pending and waiting: the deadline", () => {
    const row = Row.created();
    assert.equal(nextDeadlineAt(row.operation), row.now + 600_000);
    row.claim();
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    assert.equal(nextDeadlineAt(row.operation), row.now + 600_000);
  });

  test("running: the attempt's limit and a moment, or the deadline if that is earlier", () => {
    const row = Row.running();
    assert.equal(nextDeadlineAt(row.operation), row.now + 60_000 + GRACE_MS);
    const slow = Row.running(policyWith({}, { timeoutMs: 900_000 }));
    assert.equal(nextDeadlineAt(slow.operation), slow.operation.deadlineAt);
  });

  test("undoing: its own deadline, or the attempt's limit if that is earlier", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.fail(false);
    assert.equal(nextDeadlineAt(row.operation), row.now + 300_000);
    row.claim();
    assert.equal(nextDeadlineAt(row.operation), row.now + 60_000 + GRACE_MS);
  });

  test("settled: never", () => {
    assert.equal(nextDeadlineAt(Row.ready().operation), null);
  });
});

describe("overdue", () => {
  for (const [name, make] of [
    ["pending", () => Row.created()],
    [
      "waiting",
      () => {
        const row = Row.running();
        row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 });
        return row;
      },
    ],
  ] as const) {
    test(`${name}, past the deadline: failed with deadline-exceeded`, () => {
      const row = make();
      const { deadlineAt } = row.operation;
      assert.equal(row.reap(deadlineAt - 1).outcome, "dropped");
      row.reap(deadlineAt);
      assert.deepEqual(
        { state: row.operation.state, code: row.resource.error?.code },
        { state: "failed", code: "deadline-exceeded" },
      );
    });
  }

  test("running, past the attempt's limit: as failed, so retried with backoff", () => {
    const row = Row.running();
    row.step("disk", "started", { undo: false });
    const { clearFailed } = row.reap(row.now + 60_000 + GRACE_MS);
    assert.equal(clearFailed, true);
    assert.deepEqual(
      { state: row.operation.state, failures: row.operation.failures },
      { state: "pending", failures: 1 },
    );
    assert.equal(row.applyAttemptEvent({ event: "succeeded", details: "{}" }).outcome, "dropped");
  });

  test("running, past the attempt's limit for the last time: failed with timed-out", () => {
    const row = Row.running(policyWith({}, { attempts: 1 }));
    row.reap(row.now + 60_000 + GRACE_MS);
    assert.equal(row.resource.error?.code, "timed-out");
  });

  test("running, past the deadline: cancelling for a moment, so that undoing does not race the worker; then failed", () => {
    const row = Row.running(policyWith({}, { timeoutMs: 900_000 }));
    row.step("disk", "started");
    row.reap(row.operation.deadlineAt);
    assert.equal(row.operation.state, "cancelling");
    assert.equal(nextDeadlineAt(row.operation), row.now + GRACE_MS);
    assert.equal(row.step("disk", "done").outcome, "applied", "what it was doing is recorded");
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.operation.state, "undoing");
    row.claim();
    row.step("disk", "undone");
    row.applyAttemptEvent({ event: "undone" });
    assert.equal(row.resource.error?.code, "deadline-exceeded");
  });

  test("running, past the deadline, and a silent worker: undoing after that moment", () => {
    const row = Row.running(policyWith({}, { timeoutMs: 900_000 }));
    row.step("disk", "started");
    row.reap(row.operation.deadlineAt);
    row.reap(row.now + GRACE_MS);
    assert.equal(row.operation.state, "undoing");
  });

  test("running, past the deadline, and a success was on its way: succeeded", () => {
    const row = Row.running(policyWith({}, { timeoutMs: 900_000 }));
    row.reap(row.operation.deadlineAt);
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.deepEqual({ state: row.operation.state, error: row.resource.error }, { state: "succeeded", error: null });
  });

  test("running, past the deadline, then waits: failed, it does not wait past its deadline", () => {
    const row = Row.running(policyWith({}, { timeoutMs: 900_000 }));
    row.reap(row.operation.deadlineAt);
    row.applyAttemptEvent({ event: "waiting", until: row.now + 1e9, receivedSeen: 0 });
    assert.equal(row.resource.error?.code, "deadline-exceeded");
  });

  test("a delete past its deadline fails like any other, though it cannot be cancelled", () => {
    const row = Row.ready();
    row.accept({ kind: "delete" });
    row.reap(row.operation.deadlineAt);
    assert.deepEqual(
      { status: row.resource.status, code: row.resource.error?.code },
      { status: "Ready", code: "deadline-exceeded" },
    );
  });

  test("seen by two reapers at once: the second changes nothing", () => {
    const row = Row.running();
    row.reap(row.now + 60_000 + GRACE_MS);
    assert.equal(row.reap().outcome, "dropped");
    assert.equal(row.operation.failures, 1);
  });
});
