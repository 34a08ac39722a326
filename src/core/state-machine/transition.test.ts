import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";

// The effects of each event, in addition to the state that table.test.ts checks.

describe("from nothing", () => {
  test("accepted: pending, due now", () => {
    const row = Row.created();
    assert.equal(row.operation.state, "pending");
    assert.equal(row.operation.dueAt, row.now);
    assert.equal(row.resource.status, "Provisioning");
  });

  test("accepted with availableAt: pending, due then, and its deadline counts from then", () => {
    const row = new Row();
    row.accept({ availableAt: row.now + 5000 });
    assert.equal(row.operation.dueAt, row.now + 5000);
    assert.equal(row.operation.deadlineAt, row.now + 605_000);
    assert.equal(row.claim().outcome, "dropped", "not before it is due");
    row.now += 5000;
    assert.equal(row.claim().outcome, "applied");
  });
});

describe("from pending", () => {
  test("claimed: running, attempt + 1", () => {
    const row = Row.created();
    row.claim("w1");
    assert.equal(row.operation.state, "running");
    assert.equal(row.operation.attempt, 1);
    assert.equal(row.operation.worker, "w1");
    assert.equal(row.operation.dueAt, null);
  });

  test("claimed again: worker, start and awaited messages are those of this claim", () => {
    const row = Row.running();
    const { startedAt } = row.operation;
    assert.deepEqual({ startedAt, attemptAt: row.operation.attemptAt }, { startedAt: row.now, attemptAt: row.now });
    row.applyAttemptEvent({ event: "waiting", until: row.now + 7000, receive: ["approval"], receivedSeen: 0 });
    row.now += 7000;
    row.applyEvent({ event: "claimed", worker: "another", claim: 9 });
    const { attemptAt, worker, claim, awaitedMessages: awaiting, startedAt: first } = row.operation;
    assert.deepEqual(
      { attemptAt, worker, claim, awaiting, first },
      { attemptAt: row.now, worker: "another", claim: 9, awaiting: [], first: startedAt },
    );
  });

  test("awaited messages: those received are left out, the others remain in the attempt that a message woke", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "waiting", receive: ["first", "second", "third"], receivedSeen: 0 });
    row.applyEvent({ event: "received", id: "1", name: "first", value: "{}" });
    assert.deepEqual(row.operation.awaitedMessages, ["second", "third"]);
    row.claim();
    row.applyEvent({ event: "received", id: "2", name: "third", value: "{}" });
    assert.deepEqual([row.operation.state, row.operation.awaitedMessages], ["running", ["second"]]);
    row.applyAttemptEvent({
      event: "failed",
      error: { code: "x", title: "x", detail: "x", retryable: true },
    });
    assert.deepEqual([row.operation.state, row.operation.awaitedMessages], ["pending", []]);
  });

  test("claimed by a second worker: dropped, one attempt has one claimant", () => {
    const row = Row.running();
    assert.equal(row.claim("another").outcome, "dropped");
    assert.equal(row.operation.worker, "worker");
    assert.equal(row.operation.attempt, 1);
  });

  test("cancel requested: cancelled at once", () => {
    const row = Row.created();
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.operation.state, "cancelled");
    assert.equal(row.resource.status, "Cancelled");
    assert.equal(row.resource.error?.code, "cancelled");
    assert.equal(row.claim().outcome, "dropped");
  });
});

describe("from running", () => {
  test("succeeded: the details, the first ready label", () => {
    const row = Row.ready();
    assert.equal(row.operation.state, "succeeded");
    assert.equal(row.resource.status, "Ready");
    assert.equal(row.resource.details, '{"ip":"::1"}');
    assert.equal(row.resource.error, null);
  });

  test("succeeded with a label: that one", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "succeeded", label: "Stopped", details: "{}" });
    assert.equal(row.resource.status, "Stopped");
    assert.equal(row.resource.settledStatus, "Stopped");
  });

  test("succeeded with a label that is not a ready one: refused, and it keeps running", () => {
    const row = Row.running();
    const { outcome, code } = row.applyAttemptEvent({ event: "succeeded", label: "Failed", details: "{}" });
    assert.deepEqual({ outcome, code }, { outcome: "refused", code: "unknown-status" });
    assert.equal(row.operation.state, "running");
  });

  test("succeeded with too many details: refused, and it keeps running", () => {
    const row = Row.running(policyWith({ maxBytes: 10 }));
    assert.equal(
      row.applyAttemptEvent({ event: "succeeded", details: `{"a":"${"x".repeat(10)}"}` }).code,
      "operation-too-large",
    );
    assert.equal(row.operation.state, "running");
  });

  test("failed, may be retried: pending, with backoff, and what failed is cleared", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 1, progress: 0.4, estimatedEndAt: row.now + 9000 });
    const { clearFailed } = row.fail();
    assert.equal(clearFailed, true);
    assert.equal(row.operation.state, "pending");
    assert.equal(row.operation.failures, 1);
    assert.deepEqual(
      { event: row.history.at(-1)?.event, code: row.history.at(-1)?.error?.code },
      { event: "attempt-failed", code: "work-failed" },
    );
    assert.equal(row.operation.dueAt, row.now + 750, "half of the first pause, and half of the other half");
    assert.equal(row.operation.worker, null);
    assert.equal(row.operation.progress, null, "a failed attempt begins anew");
    assert.equal(row.operation.estimatedEndAt, null, "what it estimated was of that attempt");
  });

  test("failed for good: failed at once, whatever attempts are left", () => {
    const row = Row.running();
    row.fail(false);
    assert.equal(row.operation.state, "failed");
    assert.equal(row.resource.status, "Failed");
    assert.equal(row.resource.error?.code, "work-failed");
  });

  test("failed, attempts spent: failed", () => {
    const row = Row.created();
    for (let attempt = 1; attempt <= 3; attempt++) {
      row.now = row.operation.dueAt ?? row.now;
      row.claim();
      assert.equal(row.operation.attempt, attempt);
      row.fail();
    }
    assert.equal(row.operation.state, "failed");
  });

  test("failed with steps to undo: undoing, due now", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.fail(false);
    assert.equal(row.operation.state, "undoing");
    assert.equal(row.operation.dueAt, row.now);
    assert.equal(row.operation.undoDeadlineAt, row.now + 300_000);
    assert.equal(row.resource.status, "Provisioning", "not settled yet");
  });

  test("waits until an instant: waiting, due then", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "waiting", until: row.now + 7000, receivedSeen: 0 });
    assert.equal(row.operation.state, "waiting");
    assert.equal(row.operation.dueAt, row.now + 7000);
    assert.equal(row.operation.worker, null);
    row.now += 7000;
    row.claim();
    assert.deepEqual({ state: row.operation.state, attempt: row.operation.attempt }, { state: "running", attempt: 2 });
  });

  test("waits for a message: due when it is received, not for one of another name", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    assert.equal(row.operation.dueAt, null);
    row.applyEvent({ event: "received", id: "m1", name: "comment", value: "1" });
    assert.equal(row.operation.state, "waiting");
    row.applyEvent({ event: "received", id: "m2", name: "approval", value: "2" });
    assert.deepEqual({ state: row.operation.state, dueAt: row.operation.dueAt }, { state: "pending", dueAt: row.now });
    assert.deepEqual(
      row.messages.map(({ id, position }) => [id, position]),
      [
        ["m1", 1],
        ["m2", 2],
      ],
    );
  });

  test("waits, and a message it has not seen is there: due at once, no wake-up is lost", () => {
    const row = Row.running();
    row.applyEvent({ event: "received", id: "m1", name: "approval", value: "1" });
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    assert.deepEqual({ state: row.operation.state, dueAt: row.operation.dueAt }, { state: "pending", dueAt: row.now });
  });

  test("waits with every message seen: waiting, no endless loop", () => {
    const row = Row.running();
    row.applyEvent({ event: "received", id: "m1", name: "comment", value: "1" });
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 1 });
    assert.equal(row.operation.state, "waiting");
  });

  test("worker lost: due at once the first time, then with backoff; runs alone; counts no failure", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "progress", sequence: 1, progress: 0.4 });
    row.applyAttemptEvent({ event: "lost" });
    assert.deepEqual(
      { state: row.operation.state, dueAt: row.operation.dueAt, isolated: row.operation.isolated },
      { state: "pending", dueAt: row.now, isolated: true },
    );
    assert.equal(row.operation.progress, 0.4, "what was shown stays");
    row.claim();
    row.applyAttemptEvent({ event: "lost" });
    assert.equal(row.operation.dueAt, row.now + 750);
    assert.deepEqual(
      { failures: row.operation.failures, lostWorkers: row.operation.lostWorkers },
      { failures: 0, lostWorkers: 2 },
    );
  });

  test("workers lost, too many: failed, and no failure was counted", () => {
    const row = Row.created();
    for (let loss = 0; loss < 3; loss++) {
      row.now = row.operation.dueAt ?? row.now;
      row.claim();
      row.applyAttemptEvent({ event: "lost" });
    }
    assert.equal(row.operation.state, "failed");
    assert.equal(row.resource.error?.code, "worker-lost");
    assert.equal(row.operation.failures, 0);
  });

  test("handed back at a stop: pending, due now, counted against nothing", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "handed-back" });
    assert.deepEqual({ state: row.operation.state, dueAt: row.operation.dueAt }, { state: "pending", dueAt: row.now });
    assert.deepEqual(
      { failures: row.operation.failures, lostWorkers: row.operation.lostWorkers, isolated: row.operation.isolated },
      { failures: 0, lostWorkers: 0, isolated: false },
    );
  });

  test("the next attempt of an operation that lost its worker runs alone, the one after that does not", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "lost" });
    row.claim();
    assert.equal(row.operation.isolated, true);
    row.applyAttemptEvent({ event: "handed-back" });
    assert.equal(row.operation.isolated, true, "what was handed back has not come to its end");
    row.claim();
    row.applyAttemptEvent({ event: "waiting", until: row.now, receivedSeen: 0 });
    assert.equal(row.operation.isolated, false);
  });
});

describe("from any attempt that has ended", () => {
  test("every message of its worker is dropped", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "handed-back" });
    assert.equal(row.applyAttemptEvent({ event: "succeeded", details: "{}" }).outcome, "dropped", "it is unclaimed");
    row.claim();
    assert.equal(
      row.applyEvent({ event: "succeeded", attempt: 1, details: "{}" }).outcome,
      "dropped",
      "another holds it",
    );
    assert.equal(row.applyEvent({ event: "lost", attempt: 1 }).outcome, "dropped");
    assert.deepEqual({ state: row.operation.state, attempt: row.operation.attempt }, { state: "running", attempt: 2 });
  });
});

describe("from settled", () => {
  test("settled is sticky: workers are dropped, clients refused", () => {
    const row = Row.ready();
    const before = row.resource;
    assert.equal(row.fail().outcome, "dropped");
    assert.equal(row.reap(row.now + 1e12).outcome, "dropped");
    assert.equal(row.claim().outcome, "dropped");
    for (const event of [
      { event: "cancel-requested" },
      { event: "delete-requested", operation: "d" },
      { event: "received", id: "m", name: "approval", value: "1" },
    ] as const) {
      assert.deepEqual(
        { outcome: row.applyEvent(event).outcome, code: row.applyEvent(event).code },
        { outcome: "refused", code: "settled" },
      );
    }
    assert.equal(row.resource, before);
  });
});
