import assert from "node:assert/strict";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  claimAll,
  create,
  existing,
  ready,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** Tests of events of attempts, fenced by attempt and ordered by sequence. */
export const eventTests: StoreTests = {
  "shows progress once its promise has resolved, every field of it": async ({ store }) => {
    await running(store, "a");
    const event = {
      event: "progress",
      attempt: 1,
      sequence: 1,
      progress: 0.25,
      status: "Cutting",
      details: '{"cut":1}',
      estimatedEndAt: AT + 9,
    } as const;
    const shown = await applied(store, workerEvent("a-create", event));
    assert.deepEqual(
      { status: shown.status, progress: shown.operation.progress, details: shown.operation.details },
      { status: "Cutting", progress: 0.25, details: '{"cut":1}' },
    );
    assert.deepEqual(await existing(store, "a"), shown);
  },

  "drops events of another attempt, and those older than the last one": async ({ store }) => {
    const before = await running(store, "a");
    for (const attempt of [0, 2]) {
      const late = await applyOne(store, workerEvent("a-create", { event: "succeeded", attempt, details: "{}" }));
      assert.deepEqual(late, { outcome: "dropped", resource: before });
    }
    const shown = await applied(
      store,
      workerEvent("a-create", { event: "progress", attempt: 1, sequence: 2, progress: 0.5 }),
    );
    const older = await applyOne(
      store,
      workerEvent("a-create", { event: "progress", attempt: 1, sequence: 1, progress: 0.9 }),
    );
    assert.deepEqual(older, { outcome: "dropped", resource: shown });
    assert.equal(
      (await applyOne(store, workerEvent("nobody", { event: "cancelled", attempt: 1 }))).code,
      "resource-not-found",
    );
  },

  "lets settled be settled": async ({ store }) => {
    const settled = await ready(store, "a");
    const error = { code: "x", title: "X", detail: "x", retryable: false };
    assert.equal(
      (await applyOne(store, workerEvent("a-create", { event: "failed", attempt: 1, error }))).outcome,
      "dropped",
    );
    assert.equal((await applyOne(store, clientEvent("a", { event: "cancel-requested" }))).code, "settled");
    assert.deepEqual(await existing(store, "a"), settled);
  },

  "lets the changes of one call come to effect in their order": async ({ store }) => {
    await running(store, "a");
    const results = await store.apply([
      workerEvent("a-create", { event: "progress", attempt: 1, sequence: 1, progress: 0.1 }),
      workerEvent("a-create", { event: "progress", attempt: 1, sequence: 2, progress: 0.2 }),
      workerEvent("a-create", { event: "progress", attempt: 1, sequence: 1, progress: 0.3 }),
      workerEvent("a-create", { event: "succeeded", attempt: 1, label: "Stopped", details: '{"made":2}' }),
      workerEvent("a-create", { event: "progress", attempt: 1, sequence: 3, progress: 0.4 }),
    ]);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ["applied", "applied", "dropped", "applied", "dropped"],
    );
    assert.deepEqual(
      results.map(({ resource }) => resource?.operation.progress),
      [0.1, 0.2, 0.2, 0.2, 0.2],
    );
    const settled = await existing(store, "a");
    assert.deepEqual(
      { status: settled.status, details: settled.details, settled },
      { status: "Stopped", details: '{"made":2}', settled: results[3]?.resource },
    );
  },

  "applies a change of a call to what an earlier change of it began": async ({ store }) => {
    const results = await store.apply([
      create("a"),
      clientEvent("a", { event: "cancel-requested" }),
      create("a", { operation: { id: "second" } }),
      workerEvent("a-create", { event: "cancelled", attempt: 1 }),
    ]);
    assert.deepEqual(
      results.map(({ outcome, code }) => code ?? outcome),
      ["applied", "applied", "resource-exists", "dropped"],
    );
    const cancelled = await existing(store, "a");
    assert.deepEqual(
      { status: cancelled.status, code: cancelled.error?.code },
      { status: "Cancelled", code: "cancelled" },
    );
    const [retried, late, running_] = await store.apply([
      change(cancelled, { id: "retry", kind: "create", retryOf: "a-create" }),
      workerEvent("a-create", { event: "cancelled", attempt: 1 }),
      clientEvent("a", { event: "received", id: "m", name: "approval", value: "1" }),
    ]);
    assert.deepEqual(
      { retriedOutcome: retried?.outcome, lateCode: late?.code, runningOutcome: running_?.outcome },
      { retriedOutcome: "applied", lateCode: "resource-not-found", runningOutcome: "applied" },
    );
    assert.deepEqual(
      (await store.readByOperation(["a-create", "retry"])).map((row) => row?.id),
      [undefined, "a"],
    );
  },

  "begins the delete that was asked for in the change that settles the operation": async ({ store }) => {
    await running(store, "a");
    const requests = await applied(store, clientEvent("a", { event: "delete-requested", operation: "a-delete" }));
    assert.equal(requests.operation.requestedDelete, "a-delete");
    const cancelled = await applied(store, workerEvent("a-create", { event: "cancelled", attempt: 1 }));
    assert.deepEqual(
      { id: cancelled.operation.id, kind: cancelled.operation.kind, status: cancelled.status },
      { id: "a-delete", kind: "delete", status: "Removing" },
    );
    assert.deepEqual(await store.readByOperation(["a-delete"]), [cancelled]);
    assert.equal((await claimAll(store, { worker: "next" })).length, 1);
  },

  "keeps what belongs to a failure": async ({ store }) => {
    await running(store, "a");
    const error = { code: "no-disk", title: "No disk", detail: "None of 3 “disks” is free.", retryable: false };
    const failed = await applied(store, workerEvent("a-create", { event: "failed", attempt: 1, error }));
    assert.deepEqual(
      { status: failed.status, error: failed.error, state: failed.operation.state },
      { status: "Failed", error, state: "failed" },
    );
    assert.deepEqual(await existing(store, "a"), failed);
  },
};
