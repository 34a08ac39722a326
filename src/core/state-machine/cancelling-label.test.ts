import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";
import { cancelling, idle, longTimeout, stepped } from "../../../test/core/states.ts";

const CANCEL = { event: "cancel-requested" } as const;

describe("the label of a cancelled operation", () => {
  test("is Cancelling until its worker has stopped, whatever the work reports", () => {
    const row = cancelling();
    assert.equal(row.resource.status, "Cancelling");
    row.applyAttemptEvent({ event: "progress", sequence: 1, status: "Booting", progress: 0.5 });
    assert.equal(row.resource.status, "Cancelling");
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.resource.status, "Cancelled");
  });

  test("is the one that the type declares", () => {
    const row = Row.running(policyWith({ cancelling: "Stopping" }));
    row.applyEvent(CANCEL);
    assert.equal(row.resource.status, "Stopping");
  });

  test("stays while its steps are undone", () => {
    const row = stepped(cancelling);
    row.applyAttemptEvent({ event: "cancelled" });
    assert.deepEqual([row.operation.state, row.resource.status], ["undoing", "Cancelling"]);
    row.claim();
    assert.equal(row.resource.status, "Cancelling");
  });

  test("is shown at once where no worker has to stop, but steps are undone", () => {
    const row = idle();
    row.applyEvent(CANCEL);
    assert.deepEqual([row.operation.state, row.resource.status], ["undoing", "Cancelling"]);
    assert.deepEqual(
      row.history.slice(-2).map(({ event, status }) => [event, status]),
      [
        ["cancel-requested", undefined],
        ["undoing", "Cancelling"],
      ],
    );
  });

  test("is not that of an operation that failed and is undone", () => {
    const row = stepped();
    row.fail(false);
    assert.deepEqual([row.operation.state, row.resource.status], ["undoing", "Provisioning"]);
    row.applyEvent(CANCEL);
    assert.equal(row.resource.status, "Provisioning");
  });

  test("is shown for a delete that waits for the operation in progress, then the delete's own", () => {
    const row = Row.running();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.resource.status, "Cancelling");
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.resource.status, "Deleting");
  });

  test("is shown past the deadline, while the worker stops", () => {
    const row = longTimeout();
    row.reap(row.operation.deadlineAt);
    assert.deepEqual([row.operation.state, row.resource.status], ["cancelling", "Cancelling"]);
    row.applyAttemptEvent({ event: "cancelled" });
    assert.equal(row.resource.status, "Failed");
  });

  test("gives way to the ready label of a success, and to the previous label of an update", () => {
    const success = cancelling();
    success.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.equal(success.resource.status, "Ready");
    const update = Row.ready();
    update.accept({ kind: "update", configuration: '{"ram":2}' });
    update.claim();
    update.applyEvent(CANCEL);
    assert.equal(update.resource.status, "Cancelling");
    update.applyAttemptEvent({ event: "cancelled" });
    assert.equal(update.resource.status, "Ready");
  });

  test("is part of the history entry", () => {
    const { event, status } = cancelling().history.at(-1) ?? {};
    assert.deepEqual([event, status], ["cancel-requested", "Cancelling"]);
  });
});
