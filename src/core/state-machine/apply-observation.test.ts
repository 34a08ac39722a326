import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";
import type { ChangeResult } from "../change.ts";
import { isObservable } from "./apply-observation.ts";

// Results of `observe` for operations in progress and settled resources.

const ERROR = { code: "no-capacity", title: "No capacity", detail: "The rack is full.", retryable: false };
const external = policyWith({}, { external: true });

function observe(row: Row, result: object, of: { creation?: string; version?: number } = {}): ChangeResult {
  const { creation, version } = row.resource;
  return row.applyEvent({ event: "observed", creation, version, ...of, ...result });
}

function waiting(policy = policyWith()): Row {
  const row = Row.running(policy);
  row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 });
  assert.equal(row.operation.state, "waiting");
  return row;
}

const isSeen = ({ resource, policy, now }: Row): boolean => isObservable(resource, policy, now);

describe("a result of observe", () => {
  test("begins an external operation that no worker has begun, and ends it", () => {
    const row = Row.created(external);
    assert.equal(observe(row, { progress: 0.25, status: "Booting", details: '{"rack":7}' }).outcome, "applied");
    const { state, attempt, progress, details, worker } = row.operation;
    assert.deepEqual(
      { state, attempt, progress, details, worker },
      { state: "running", attempt: 1, progress: 0.25, details: '{"rack":7}', worker: null },
    );
    assert.equal(row.resource.status, "Booting");
    observe(row, { outcome: "succeeded", status: "Stopped", details: '{"rack":7,"ip":"::1"}' });
    assert.deepEqual(
      { state: row.operation.state, status: row.resource.status },
      { state: "succeeded", status: "Stopped" },
    );
    assert.equal(row.resource.details, '{"rack":7,"ip":"::1"}');
  });

  test("about another version or creation changes nothing, however right it was", () => {
    const row = Row.created(external);
    const { version } = row.resource;
    observe(row, { progress: 0.25 });
    assert.equal(observe(row, { outcome: "failed", error: ERROR }, { version }).outcome, "dropped");
    assert.equal(observe(row, { outcome: "failed", error: ERROR }, { creation: "another" }).outcome, "dropped");
    assert.equal(row.operation.state, "running");
  });

  test("without a change is no change, and never decreases progress", () => {
    const row = Row.created(external);
    observe(row, { progress: 0.5, status: "Booting", details: '{"rack":7}' });
    const { version } = row.resource;
    assert.equal(observe(row, { progress: 0.25, status: "Booting", details: '{"rack":7}' }).outcome, "unchanged");
    assert.equal(row.resource.version, version);
  });

  test("ends what waits: with undoing where it failed and steps are to be undone", () => {
    const row = Row.running();
    row.applyAttemptEvent({ event: "recorded", step: "start", state: "started", undo: true });
    row.applyAttemptEvent({ event: "recorded", step: "start", state: "done", undo: true, result: "1" });
    row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 });
    observe(row, { progress: 0.5, status: "Booting" });
    assert.deepEqual(
      { progress: row.operation.progress, status: row.resource.status },
      { progress: 0.5, status: "Booting" },
    );
    observe(row, { outcome: "failed", error: ERROR });
    assert.equal(row.operation.state, "undoing");
    assert.equal(observe(row, { outcome: "succeeded", details: "{}" }).outcome, "dropped");
  });

  test("ends a waiting operation of work", () => {
    const row = waiting();
    observe(row, { outcome: "succeeded", details: '{"ip":"::1"}' });
    assert.deepEqual(
      { state: row.operation.state, status: row.resource.status, dueAt: row.operation.dueAt },
      { state: "succeeded", status: "Ready", dueAt: null },
    );
  });

  test("of a claimed operation updates its progress, and leaves the end to the worker", () => {
    const row = Row.running();
    observe(row, { progress: 0.5, details: '{"rack":7}' });
    assert.deepEqual(
      { progress: row.operation.progress, details: row.operation.details },
      { progress: 0.5, details: '{"rack":7}' },
    );
    observe(row, { outcome: "succeeded", status: "Ready", details: '{"ip":"::1"}' });
    assert.deepEqual(
      { state: row.operation.state, status: row.resource.status },
      { state: "running", status: "Provisioning" },
    );
    row.applyEvent({ event: "cancel-requested" });
    assert.equal(observe(row, { progress: 0.75 }).outcome, "dropped");
  });

  test("of what no worker has begun changes nothing", () => {
    const row = Row.created();
    assert.equal(observe(row, { outcome: "failed", error: ERROR }).outcome, "dropped");
    assert.equal(row.operation.state, "pending");
  });

  test("ends a delete, and starts a requested one", () => {
    const row = waiting();
    row.applyEvent({ event: "delete-requested", operation: "d" });
    assert.equal(row.operation.kind, "delete");
    row.claim();
    row.applyAttemptEvent({ event: "waiting", receivedSeen: 0 });
    observe(row, { outcome: "succeeded", details: "{}" });
    assert.notEqual(row.resource.deletedAt, null);
  });

  test("of a settled resource changes label and details alone", () => {
    const row = Row.ready();
    const { edit } = row.resource;
    observe(row, { status: "Stopped", details: '{"ip":"::2"}' });
    assert.deepEqual(
      { status: row.resource.status, settledStatus: row.resource.settledStatus },
      { status: "Stopped", settledStatus: "Stopped" },
    );
    assert.deepEqual(
      { details: row.resource.details, state: row.operation.state },
      { details: '{"ip":"::2"}', state: "succeeded" },
    );
    assert.equal(row.resource.edit, edit + 1);
    assert.equal(row.history.at(-1)?.status, "Stopped");
    assert.equal(observe(row, { status: "Stopped" }).outcome, "unchanged");
    assert.equal(observe(row, { status: "Melting" }).code, "unknown-status");
    assert.equal(observe(row, { details: `{"ip":"${"x".repeat(10_000)}"}` }).code, "operation-too-large");
  });

  test("that an operation cannot hold is refused, and leaves it as it was", () => {
    const row = Row.created(external);
    assert.equal(observe(row, { details: `{"ip":"${"x".repeat(10_000)}"}` }).code, "operation-too-large");
    assert.equal(observe(row, { outcome: "succeeded", status: "Melting", details: "{}" }).code, "unknown-status");
    assert.equal(row.operation.state, "pending");
  });
});

test("only a resource with a background process is observed", () => {
  assert.equal(isSeen(Row.created()), false, "work has not begun");
  assert.equal(isSeen(Row.running()), true);
  assert.equal(isSeen(waiting()), true);
  assert.equal(isSeen(Row.created(external)), true);
  assert.equal(isSeen(Row.ready()), true);
  const cancelled = Row.created(external);
  cancelled.applyEvent({ event: "cancel-requested" });
  assert.equal(isSeen(cancelled), false, "there is nothing");
  const later = new Row(external);
  later.accept({ kind: "create", configuration: "{}", availableAt: later.now + 1000 });
  assert.equal(isSeen(later), false, "not yet");
});
