import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";

/** A create that has failed permanently after three steps, and is claimed for undoing. */
function undoing(row = Row.running()): Row {
  for (const step of ["disk", "network", "machine"]) row.step(step, "done");
  row.fail(false);
  row.claim();
  return row;
}

describe("undoing", () => {
  test("runs for every step with an undo, done or only started, and for no other", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.step("look", "done", { undo: false });
    row.step("machine", "started");
    row.fail(false);
    assert.deepEqual(row.stepsNotUndone, ["disk", "machine"]);
    assert.equal(row.operation.undoable, 2);
  });

  test("every step undone: failed, with the error that began it", () => {
    const row = undoing();
    for (const step of ["machine", "network", "disk"]) row.step(step, "undone");
    row.applyAttemptEvent({ event: "undone" });
    assert.deepEqual(
      { state: row.operation.state, code: row.resource.error?.code },
      { state: "failed", code: "work-failed" },
    );
  });

  test("a report of undone while a step is left is rejected: the reaper names the step", () => {
    const row = undoing();
    row.step("machine", "undone");
    row.applyAttemptEvent({ event: "undone" });
    assert.equal(row.operation.state, "undoing");
    assert.equal(row.claim().outcome, "dropped", "no worker gets it again");
    row.reap();
    assert.equal(row.resource.error?.code, "undo-incomplete");
    assert.match(row.resource.error?.detail ?? "", /disk, network/);
  });

  test("worker lost: undoing again, by another worker", () => {
    const row = undoing();
    row.step("machine", "undone");
    row.applyAttemptEvent({ event: "lost" });
    assert.deepEqual({ state: row.operation.state, dueAt: row.operation.dueAt }, { state: "undoing", dueAt: row.now });
    row.claim("another");
    assert.deepEqual(
      { state: row.operation.state, attempt: row.operation.attempt, worker: row.operation.worker },
      { state: "undoing", attempt: 3, worker: "another" },
    );
  });

  test("handed back at a stop: undoing again, due now", () => {
    const row = undoing();
    row.applyAttemptEvent({ event: "handed-back" });
    assert.deepEqual(
      { state: row.operation.state, dueAt: row.operation.dueAt, undoFailures: row.operation.undoFailures },
      { state: "undoing", dueAt: row.now, undoFailures: 0 },
    );
  });

  test("failed, may be retried: again, with backoff, from its own budget", () => {
    const row = undoing();
    row.fail();
    assert.deepEqual(
      { state: row.operation.state, dueAt: row.operation.dueAt },
      { state: "undoing", dueAt: row.now + 750 },
    );
    assert.deepEqual(
      { failures: row.operation.failures, undoFailures: row.operation.undoFailures },
      { failures: 1, undoFailures: 1 },
    );
  });

  test("failed, attempts spent: failed with undo-incomplete, naming what is left", () => {
    const row = undoing();
    for (let tries = 1; tries < 3; tries++) {
      row.fail();
      row.now = row.operation.dueAt ?? row.now;
      row.claim();
    }
    const error = { code: "work-failed", title: "Failed", detail: "It broke.", retryable: true };
    row.applyAttemptEvent({ event: "failed", error, stepsNotUndone: ["network", "disk"] });
    assert.equal(row.operation.state, "failed");
    assert.equal(row.operation.undoFailures, 3);
    assert.equal(row.resource.error?.code, "undo-incomplete");
    assert.match(row.resource.error?.detail ?? "", /network, disk/);
  });

  test("failed permanently without the names of the steps: the reaper names them", () => {
    const row = undoing();
    row.fail(false);
    assert.equal(row.operation.state, "undoing");
    row.reap();
    assert.match(row.resource.error?.detail ?? "", /disk, network, machine/);
  });

  test("failed after the last step was undone: there is nothing left to name", () => {
    const row = undoing();
    for (const step of ["machine", "network", "disk"]) row.step(step, "undone");
    row.fail(false);
    assert.equal(row.resource.error?.code, "work-failed");
  });

  test("workers lost, too many: undo-incomplete, naming what is left", () => {
    const row = undoing();
    for (let loss = 1; loss <= 3; loss++) {
      row.applyAttemptEvent({ event: "lost" });
      row.now = row.operation.dueAt ?? row.now;
      if (loss < 3) row.claim();
    }
    assert.equal(row.claim().outcome, "dropped");
    row.reap();
    assert.equal(row.resource.error?.code, "undo-incomplete");
    assert.match(row.resource.error?.detail ?? "", /disk, network, machine/);
  });

  test("has workers of its own to lose: those lost before do not count, and it too runs alone", () => {
    const row = Row.created();
    for (let loss = 1; loss <= 3; loss++) {
      row.now = row.operation.dueAt ?? row.now;
      row.claim();
      row.step("disk", "done");
      row.applyAttemptEvent({ event: "lost" });
    }
    assert.deepEqual(
      { state: row.operation.state, code: row.operation.settling?.error.code },
      { state: "undoing", code: "worker-lost" },
    );
    assert.equal(row.operation.isolated, true, "what ended three workers may end a fourth");
    row.claim();
    row.applyAttemptEvent({ event: "lost" });
    assert.equal(row.operation.state, "undoing");
    row.claim();
    row.step("disk", "undone");
    row.applyAttemptEvent({ event: "undone" });
    assert.equal(row.resource.error?.code, "worker-lost");
  });

  test("out of time in all: undo-incomplete, also while a worker holds it", () => {
    const row = undoing();
    row.step("machine", "undone");
    row.reap(row.operation.undoDeadlineAt ?? 0);
    assert.equal(row.operation.state, "failed");
    assert.match(row.resource.error?.detail ?? "", /disk, network could/);
    assert.equal(row.step("network", "undone").outcome, "dropped");
  });

  test("out of time, but nothing is left: as it was meant", () => {
    const row = undoing();
    for (const step of ["machine", "network", "disk"]) row.step(step, "undone");
    row.reap(row.operation.undoDeadlineAt ?? 0);
    assert.equal(row.resource.error?.code, "work-failed");
  });

  test("an attempt out of its own time counts as failed", () => {
    const row = undoing();
    row.reap(row.operation.timeoutAt ?? 0);
    assert.deepEqual(
      { state: row.operation.state, undoFailures: row.operation.undoFailures, worker: row.operation.worker },
      { state: "undoing", undoFailures: 1, worker: null },
    );
  });

  test("takes no step forward, and no success", () => {
    const row = undoing();
    assert.equal(row.step("backup", "done").outcome, "dropped");
    assert.equal(row.applyAttemptEvent({ event: "succeeded", details: "{}" }).outcome, "dropped");
    assert.equal(row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 }).outcome, "dropped");
    assert.equal(row.applyAttemptEvent({ event: "cancelled" }).outcome, "dropped");
  });

  test("of an operation whose limit was lowered by a deploy is not refused for its size", () => {
    const large = Row.running(policyWith({ maxBytes: 5000 }));
    large.step("disk", "done", { result: `"${"x".repeat(3000)}"` });
    large.fail(false);
    large.claim();
    const small = policyWith({ maxBytes: 1000 });
    Object.assign(large.policy, small);
    assert.equal(large.step("disk", "undone").outcome, "applied");
    large.applyAttemptEvent({ event: "undone" });
    assert.equal(large.resource.error?.code, "work-failed");
  });

  test("drops the estimate of the work", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.applyAttemptEvent({ event: "progress", sequence: 1, progress: 0.5, estimatedEndAt: row.now + 60_000 });
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "cancelled" });
    assert.deepEqual(
      { estimatedEndAt: row.operation.estimatedEndAt, progress: row.operation.progress },
      { estimatedEndAt: null, progress: 0.5 },
    );
  });

  test("undone by a worker that only runs forward is dropped", () => {
    const row = Row.running();
    row.step("disk", "done");
    assert.equal(row.applyAttemptEvent({ event: "undone" }).outcome, "dropped");
    assert.equal(row.step("disk", "undone").outcome, "dropped");
  });
});

describe("a settled operation", () => {
  test("waits for no message any more", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    row.applyEvent({ event: "cancel-requested" });
    assert.deepEqual(
      { state: row.operation.state, awaitedMessages: row.operation.awaitedMessages },
      { state: "undoing", awaitedMessages: [] },
    );
    const plain = Row.running();
    plain.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    plain.applyEvent({ event: "cancel-requested" });
    assert.deepEqual(
      { state: plain.operation.state, awaitedMessages: plain.operation.awaitedMessages },
      { state: "cancelled", awaitedMessages: [] },
    );
  });

  test("is unclaimed, never due, and never reaped", () => {
    const row = undoing();
    row.applyEvent({ event: "cancel-requested" });
    for (const step of ["machine", "network", "disk"]) row.step(step, "undone");
    row.applyAttemptEvent({ event: "undone" });
    const { worker, claim, dueAt, timeoutAt, settling, awaitedMessages: awaiting, settledAt } = row.operation;
    assert.deepEqual(
      { worker, claim, dueAt, timeoutAt, settling, awaiting },
      { worker: null, claim: null, dueAt: null, timeoutAt: null, settling: null, awaiting: [] },
    );
    assert.equal(settledAt, row.now);
  });
});
