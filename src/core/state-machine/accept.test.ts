import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWithoutDelete, Row } from "../../../test/core/row.ts";

describe("accept", () => {
  test("repeated with the same id changes nothing, also after later operations", () => {
    const row = new Row();
    row.accept({ id: "c", configuration: "{}" }, "absent");
    assert.equal(row.accept({ id: "c", configuration: "{}" }, "absent").outcome, "unchanged");
    row.claim();
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    row.accept({ kind: "update" });
    assert.equal(row.accept({ id: "c", configuration: "{}" }, "absent").outcome, "unchanged");
  });

  test("a create repeated after the resource was deleted does not bring it back", () => {
    const row = new Row();
    row.accept({ id: "c" }, "absent");
    row.applyEvent({ event: "delete-requested", operation: "d" });
    row.claim();
    row.applyAttemptEvent({ event: "succeeded", details: "{}" });
    assert.equal(row.accept({ id: "c" }, "absent").outcome, "unchanged");
    assert.notEqual(row.resource.deletedAt, null);
  });

  test("create over a tombstone: another creation, and the version continues", () => {
    const row = new Row(policyWithoutDelete());
    row.accept({ id: "c" }, "absent");
    row.applyEvent({ event: "delete-requested", operation: "d" });
    const { version } = row.resource;
    row.accept({ id: "e", configuration: "{}" }, "absent");
    assert.deepEqual(
      { creation: row.resource.creation, edit: row.resource.edit, deletedAt: row.resource.deletedAt },
      { creation: "e", edit: 1, deletedAt: null },
    );
    assert.ok(row.resource.version > version);
  });

  for (const [name, code, make] of [
    ["absent, and it exists", "resource-exists", () => Row.ready().accept({}, "absent")],
    ["present, and it does not exist", "resource-not-found", () => new Row().accept({}, { creation: "c", edit: 1 })],
    [
      "present, and it is deleted",
      "resource-not-found",
      () => {
        const row = Row.created(policyWithoutDelete());
        const { creation, edit } = row.resource;
        row.applyEvent({ event: "delete-requested", operation: "d" });
        return row.accept({ kind: "update" }, { creation, edit });
      },
    ],
    [
      "the edit that was read, and it was edited since",
      "edit-mismatch",
      () => {
        const row = Row.ready();
        const { creation, edit } = row.resource;
        return row.accept({ kind: "update" }, { creation, edit: edit - 1 });
      },
    ],
    [
      "the creation that was read, and it was created anew since",
      "edit-mismatch",
      () => {
        const row = Row.ready();
        return row.accept({ kind: "update" }, { creation: "before", edit: row.resource.edit });
      },
    ],
    [
      "settled, and an operation is in progress",
      "operation-in-progress",
      () => Row.running().accept({ kind: "update" }),
    ],
    [
      "to retry an operation that is no longer the latest",
      "edit-mismatch",
      () => Row.ready().accept({ retryOf: "another" }),
    ],
  ] as const) {
    test(`expects ${name}: ${code}`, () => {
      const folded = make();
      assert.deepEqual({ outcome: folded.outcome, code: folded.code }, { outcome: "refused", code });
    });
  }

  test("a delete without delete work: gone at once, and repeated it changes nothing", () => {
    const row = Row.ready(policyWithoutDelete());
    const { version } = row.resource;
    const expect = row.expectation;
    assert.equal(row.accept({ kind: "delete", id: "d" }, expect).outcome, "applied");
    assert.equal(row.resource.deletedAt, row.now);
    assert.equal(row.resource.version, version + 1);
    assert.equal(row.accept({ kind: "delete", id: "d" }, expect).outcome, "unchanged");
  });

  test("begins with the target, shown at once, and with the label of its kind", () => {
    const row = Row.ready();
    const { edit } = row.resource;
    row.accept({ kind: "update", configuration: '{"ram":2}', input: '{"now":true}', traceparent: "00-1" });
    assert.deepEqual(
      {
        status: row.resource.status,
        configuration: row.operation.configuration,
        input: row.operation.input,
        traceparent: row.operation.traceparent,
      },
      { status: "Resizing", configuration: '{"ram":2}', input: '{"now":true}', traceparent: "00-1" },
    );
    assert.equal(row.resource.edit, edit + 1);
  });
});

describe("retry", () => {
  test("is a new operation with the target, input, records and messages of the one that failed", () => {
    const row = Row.ready();
    row.accept({ kind: "update", id: "u", configuration: '{"ram":2}', input: "1" });
    row.claim();
    row.applyEvent({ event: "received", id: "m1", name: "approval", value: "1" });
    row.step("look", "done", { undo: false, result: '"seen"' });
    row.fail(false);
    row.accept({ kind: "update", id: "r", retryOf: "u" });
    const { id, root, attempt, failures, configuration, input, receivedCount: received, state } = row.operation;
    assert.deepEqual(
      { id, root, attempt, failures, state },
      { id: "r", root: "u", attempt: 0, failures: 0, state: "pending" },
    );
    assert.deepEqual({ configuration, input, received }, { configuration: '{"ram":2}', input: "1", received: 1 });
    assert.deepEqual(
      row.records.map(({ step, result }) => [step, result]),
      [["look", '"seen"']],
    );
  });

  test("tries anew what failed, also where it had failed for good", () => {
    const row = Row.running();
    row.step("look", "failed", { undo: false });
    row.fail(false);
    row.accept({ retryOf: row.operation.id });
    assert.deepEqual(row.records, []);
  });

  test("of an operation whose undo was incomplete has that still to undo", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.fail(false);
    row.reap(row.operation.undoDeadlineAt ?? 0);
    row.accept({ retryOf: row.operation.id });
    assert.equal(row.operation.undoable, 1);
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(row.operation.state, "undoing");
  });

  test("of a create that fails again shows the failed label again", () => {
    const row = Row.running();
    row.applyEvent({ event: "cancel-requested" });
    row.applyAttemptEvent({ event: "cancelled" });
    row.accept({ retryOf: row.operation.id });
    row.claim();
    row.fail(false);
    assert.equal(row.resource.status, "Failed");
  });
});
