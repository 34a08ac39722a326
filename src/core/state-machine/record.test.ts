import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";
import { clearedSize, messageSize, recordSize } from "./size.ts";

describe("a step", () => {
  test("started, then done: one record, at the place where it began", () => {
    const row = Row.running();
    row.step("disk", "started");
    row.step("network", "done");
    row.step("disk", "done", { result: '"d1"' });
    assert.deepEqual(
      row.records.map(({ step, state, position, result }) => [step, state, position, result]),
      [
        ["disk", "done", 1, '"d1"'],
        ["network", "done", 2, null],
      ],
    );
    assert.equal(row.operation.undoable, 2);
  });

  test("is part of the history, with its error", () => {
    const row = Row.running();
    const error = { code: "no-quota", title: "No quota", detail: "The pool is full.", retryable: false };
    row.step("disk", "started");
    row.step("disk", "done");
    row.applyAttemptEvent({ event: "recorded", step: "network", state: "failed", undo: false, error });
    row.fail(false);
    row.claim();
    row.step("disk", "undone");
    assert.deepEqual(
      row.history
        .filter(({ step }) => step !== undefined)
        .map(({ event, step, error: why }) => [event, step, why?.code]),
      [
        ["step-started", "disk", undefined],
        ["step-done", "disk", undefined],
        ["step-failed", "network", "no-quota"],
        ["step-undone", "disk", undefined],
      ],
    );
  });

  test("done is never replaced: a late or repeated message changes nothing", () => {
    const row = Row.running();
    row.step("disk", "done", { result: '"d1"' });
    for (const state of ["started", "done", "failed"] as const) {
      assert.equal(row.step("disk", state, { result: '"d2"' }).outcome, "unchanged");
    }
    assert.equal(row.records[0]?.result, '"d1"');
  });

  test("keeps the undo it began with", () => {
    const row = Row.running();
    row.step("disk", "started", { undo: true });
    row.step("disk", "done", { undo: false });
    assert.equal(row.operation.undoable, 1);
    assert.deepEqual(row.stepsNotUndone, ["disk"]);
  });

  test("undone and run again comes last, a generation later, so under another idempotency key", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.step("network", "done", { undo: false });
    row.fail(false);
    row.claim();
    row.step("disk", "undone");
    assert.equal(row.step("disk", "undone").outcome, "unchanged", "a generation is counted once");
    row.applyAttemptEvent({ event: "undone" });
    row.accept({ retryOf: row.operation.id });
    row.claim();
    row.step("disk", "started");
    const [network, disk] = row.records;
    assert.deepEqual({ step: network?.step, generation: network?.generation }, { step: "network", generation: 0 });
    assert.deepEqual(
      { step: disk?.step, generation: disk?.generation, position: disk?.position, state: disk?.state },
      { step: "disk", generation: 1, position: 3, state: "started" },
    );
    assert.equal(row.operation.undoable, 1);
  });

  test("failed falls back to started where it has an undo, and is gone where it has none, once the attempt is retried", () => {
    const row = Row.running();
    row.step("disk", "failed", { undo: true });
    row.step("look", "failed", { undo: false });
    row.fail();
    assert.deepEqual(
      row.records.map(({ step, state }) => [step, state]),
      [["disk", "started"]],
    );
    assert.equal(row.operation.undoable, 1);
  });

  test("failed stays over a lost worker: the next attempt is to throw it again, not to try it behind the work's back", () => {
    const row = Row.running();
    row.step("look", "failed", { undo: false });
    row.applyAttemptEvent({ event: "lost" });
    assert.equal(row.records[0]?.state, "failed");
  });

  test("the last one done is remembered for the time remaining", () => {
    const row = Row.running();
    row.step("disk", "done");
    row.now += 10;
    row.step("network", "started");
    assert.deepEqual(
      { lastStep: row.operation.lastStep, lastStepAt: row.operation.lastStepAt },
      { lastStep: "disk", lastStepAt: row.now - 10 },
    );
  });
});

describe("bytes", () => {
  const expected = (row: Row): number =>
    [...row.records.map(recordSize), ...row.messages.map(messageSize)].reduce((sum, size) => sum + size, 0) +
    (row.operation.details?.length ?? 0);
  const check = (row: Row): void => {
    assert.equal(row.operation.bytes, expected(row));
    assert.equal(
      row.operation.failedBytes,
      row.records.map(clearedSize).reduce((sum, size) => sum + size, 0),
    );
  };

  test("are what records, messages and reported details take, through failure, undo and retry", () => {
    const row = Row.running();
    row.step("disk", "started");
    row.step("disk", "done", { result: '"d1"' });
    row.step("look", "failed", { undo: false });
    row.step("machine", "failed");
    row.applyEvent({ event: "received", id: "m1", name: "approval", value: '{"by":"me"}' });
    row.applyAttemptEvent({ event: "progress", sequence: 1, details: '{"ip":"::1"}' });
    row.applyAttemptEvent({ event: "progress", sequence: 2, details: "{}" });
    check(row);
    row.fail();
    check(row);
    row.now = row.operation.dueAt ?? row.now;
    row.claim();
    row.step("look", "failed", { undo: false });
    row.fail(false);
    row.claim();
    row.step("disk", "undone");
    row.step("machine", "undone");
    row.applyAttemptEvent({ event: "undone" });
    check(row);
    row.accept({ retryOf: row.operation.id });
    check(row);
  });

  test("a record too many is refused and changes nothing", () => {
    const row = Row.running(policyWith({ maxBytes: 300 }));
    const { outcome, code } = row.step("disk", "done", { result: `"${"x".repeat(300)}"` });
    assert.deepEqual({ outcome, code }, { outcome: "refused", code: "operation-too-large" });
    assert.deepEqual({ bytes: row.operation.bytes, records: row.records }, { bytes: 0, records: [] });
  });

  test("many steps that return nothing are bounded like one that returns much", () => {
    const row = Row.running(policyWith({ maxBytes: 2000 }));
    let recorded = 0;
    while (row.step(`step-${recorded}`, "done", { undo: false }).outcome === "applied") recorded += 1;
    assert.ok(recorded > 5 && recorded < 20, `${recorded} steps in 2,000 characters`);
  });

  test("a step that fails in attempt after attempt takes its place once", () => {
    const row = Row.created(policyWith({ maxBytes: 1000 }, { attempts: 100 }));
    for (let attempt = 1; attempt < 100; attempt++) {
      row.now = row.operation.dueAt ?? row.now;
      row.claim();
      assert.equal(row.step("look", "failed", { undo: false }).outcome, "applied");
      row.fail();
    }
    assert.equal(row.operation.bytes, 0);
  });
});
