import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, policyWithoutDelete, Row } from "../../../test/core/row.ts";

const GRACE_MS = 15_000;

describe("cancel", () => {
  test("while waiting: cancelled at once", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "waiting", until: row.now + 7000, receivedSeen: 0 });
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.operation.state, "cancelled");
  });

  test("while running: cancelling, and cancelled when the worker has let go", () => {
    const row = Row.running();
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.operation.state, "cancelling");
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.operation.state, "cancelled");
    assert.equal(row.resource.error?.code, "cancelled");
  });

  test("races success: a success already on its way still wins", () => {
    const row = Row.running();
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.deepEqual({ state: row.operation.state, error: row.resource.error }, { state: "succeeded", error: null });
  });

  for (const [name, end] of [
    ["failed", (row: Row) => row.fail()],
    ["waits", (row: Row) => row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 })],
    ["handed back", (row: Row) => row.applyAttemptEvent({ event: "handed-back" })],
    ["worker lost", (row: Row) => row.applyAttemptEvent({ event: "lost" })],
  ] as const) {
    test(`then ${name}: cancelled, not attempted again`, () => {
      const row = Row.running();
      row.applyEvent({ event: "cancel-requested" });
      end(row);
      assert.equal(row.operation.state, "cancelled");
    });
  }

  test("then the last worker it may lose is lost: cancelled still, not failed", () => {
    const row = Row.running(policyWith({}, { lostWorkers: 1 }));
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "lost" });
    assert.equal(row.operation.state, "cancelled");
    assert.equal(row.resource.error?.code, "cancelled");
  });

  test("with steps to undo: undoing, then cancelled", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.operation.state, "undoing");
    row.claim();
    row.step("disk", "undone");
    row.applyAttemptEvent({ event: "undone" });
    assert.equal(row.operation.state, "cancelled");
  });

  test("twice, or while undoing: unchanged", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.applyEvent({ event: "cancel-requested" }).outcome, "unchanged");
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.applyEvent({ event: "cancel-requested" }).outcome, "unchanged");
  });

  test("of a delete: refused", () => {
    const row = Row.ready();
    row.accept({ kind: "delete" });
    assert.equal(row.applyEvent({ event: "cancel-requested" }).code, "delete-in-progress");
  });

  test("a worker that reports cancelled without a request is dropped", () => {
    const row = Row.running();
    assert.equal(row.applyAttemptEvent({ event: "cancelled" }).outcome, "dropped");
    assert.equal(row.operation.state, "running");
  });

  test("a worker that does not let go is waited for as long as its attempt may take", () => {
    const row = Row.running();
    const { timeoutAt } = row.operation;
    assert.ok(timeoutAt !== null);
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.reap(timeoutAt - 1).outcome, "dropped");
    row.reap(timeoutAt);
    assert.equal(row.operation.state, "cancelled");
  });

  test("just before the deadline: the worker still has a moment, so that undoing does not race it", () => {
    const row = Row.running(policyWith({}, { timeoutMs: 600_000 }));
    row.step("disk", "started");
    const { deadlineAt } = row.operation;
    row.now = deadlineAt - 1;
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.reap(deadlineAt).outcome, "dropped", "it was requested a millisecond ago");
    assert.equal(row.operation.state, "cancelling");
    row.reap(deadlineAt + GRACE_MS);
    assert.equal(row.operation.state, "undoing");
    assert.equal(row.operation.settling?.state, "cancelled");
  });
});

describe("DELETE", () => {
  const expectDelete = (row: Row): void => {
    assert.deepEqual(
      { kind: row.operation.kind, state: row.operation.state, id: row.operation.id },
      { kind: "delete", state: "pending", id: "d" },
    );
    assert.equal(row.resource.status, "Deleting");
    assert.equal(row.resource.error, null);
    assert.equal(row.operation.attempt, 0);
  };

  test("while pending: cancels, and the same change starts the delete", () => {
    const row = Row.created();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    expectDelete(row);
    assert.deepEqual(
      row.history.map(({ event }) => event),
      ["accepted", "delete-requested", "cancel-requested", "cancelled", "accepted"],
    );
  });

  test("the delete has the configuration of the resource, and limits of its own", () => {
    const row = Row.ready();
    row.accept({ kind: "update", configuration: '{"ram":2}', input: "1", traceparent: "00-1" });
    row.now += 1000;
    row.applyEvent({ event: "delete-requested", operation: "d" });
    const {
      configuration,
      rawConfiguration: sent,
      input,
      traceparent: trace,
      acceptedAt,
      dueAt,
      deadlineAt,
      root,
    } = row.operation;
    assert.deepEqual(
      { configuration, sent, input, trace, root },
      { configuration: '{"ram":1}', sent: '{"ram":1}', input: null, trace: "00-1", root: "d" },
    );
    assert.deepEqual(
      { acceptedAt, dueAt, deadlineAt },
      { acceptedAt: row.now, dueAt: row.now, deadlineAt: row.now + 600_000 },
    );
  });

  test("while waiting: the same", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "waiting", receive: ["approval"], receivedSeen: 0 });
    row.applyEvent({ event: "delete-requested", operation: "d" });
    expectDelete(row);
  });

  test("while running: cancelling with a durable flag; what settles it starts the delete", () => {
    const row = Row.running();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.deepEqual(
      { state: row.operation.state, requestedDelete: row.operation.requestedDelete },
      { state: "cancelling", requestedDelete: "d" },
    );
    row.applyAttemptEvent({ event: "cancelled" });
    expectDelete(row);
  });

  test("while running, and success wins: the delete follows the success", () => {
    const row = Row.running();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    row.applyAttemptEvent({ event: "succeeded", details: '{"ip":"::1"}' });
    expectDelete(row);
    assert.equal(row.resource.details, '{"ip":"::1"}', "what there is to delete");
  });

  test("while cancelling: the flag alone", () => {
    const row = Row.running();
    row.applyEvent({ event: "cancel-requested" });
    const { version } = row.resource;
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.operation.requestedDelete, "d");
    assert.equal(row.resource.version, version, "shows nowhere");
    row.applyAttemptEvent({ event: "cancelled" });
    expectDelete(row);
  });

  test("while undoing: first all is undone, then deleted", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.fail(false);
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.operation.state, "undoing");
    row.claim();
    row.step("disk", "undone");
    row.applyAttemptEvent({ event: "undone" });
    expectDelete(row);
  });

  test("while undoing that is given up: deleted all the same", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.fail(false);
    row.applyEvent({ event: "delete-requested", operation: "d" });
    row.reap(row.operation.undoDeadlineAt ?? 0);
    expectDelete(row);
  });

  test("twice: unchanged, while the first is requested and while it runs", () => {
    const row = Row.running();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.applyEvent({ event: "delete-requested", operation: "e" }).outcome, "unchanged");
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.applyEvent({ event: "delete-requested", operation: "e" }).outcome, "unchanged");
    assert.equal(row.operation.id, "d");
  });

  test("succeeded: a tombstone that shows the last state; the request repeated changes nothing", () => {
    const row = Row.ready();
    row.accept({ kind: "delete", id: "d" });
    row.claim();
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.equal(row.resource.deletedAt, row.now);
    assert.deepEqual(
      { status: row.resource.status, details: row.resource.details },
      { status: "Deleting", details: '{"ip":"::1"}' },
    );
    assert.equal(row.applyEvent({ event: "delete-requested", operation: "d" }).outcome, "unchanged");
    assert.equal(row.applyEvent({ event: "delete-requested", operation: "e" }).code, "resource-not-found");
  });

  test("failed: the resource stays as it was, with the error", () => {
    const row = Row.ready();
    row.accept({ kind: "delete" });
    row.claim();
    row.fail(false);
    assert.deepEqual(
      { status: row.resource.status, deletedAt: row.resource.deletedAt, code: row.resource.error?.code },
      { status: "Ready", deletedAt: null, code: "work-failed" },
    );
  });

  test("of a type without delete work, while pending: gone in the same change, and repeated it changes nothing", () => {
    const row = Row.created(policyWithoutDelete());
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.resource.deletedAt, row.now);
    assert.equal(row.applyEvent({ event: "delete-requested", operation: "d" }).outcome, "unchanged");
  });
});

describe("received", () => {
  test("the same message again: unchanged, in progress and settled", () => {
    const row = Row.running();
    const message = { event: "received", id: "m1", name: "approval", value: "1" } as const;
    row.applyEvent(message);
    const { bytes } = row.operation;
    assert.equal(row.applyEvent(message).outcome, "unchanged");
    assert.deepEqual(
      { receivedCount: row.operation.receivedCount, bytes: row.operation.bytes },
      { receivedCount: 1, bytes },
    );
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.equal(row.applyEvent(message).outcome, "unchanged", "its request was answered before, not refused");
  });

  test("a message delivered again is not one for the next operation", () => {
    const row = Row.running();
    const message = { event: "received", id: "m1", name: "approval", value: "1" } as const;
    row.applyEvent(message);
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    row.accept({ kind: "update" });
    assert.equal(row.applyEvent(message).outcome, "unchanged");
    assert.equal(row.operation.receivedCount, 0);
  });

  test("many small ones are bounded like one large one", () => {
    const row = Row.created(policyWith({ maxBytes: 2000 }));
    let received = 0;
    while (row.applyEvent({ event: "received", id: `m${received}`, name: "a", value: "1" }).outcome === "applied") {
      received += 1;
    }
    assert.ok(received > 5 && received < 20, `${received} messages in 2,000 characters`);
    assert.ok(row.operation.bytes <= 2000);
    assert.equal(row.operation.state, "pending", "the operation continues");
  });
});
