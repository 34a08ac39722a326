import assert from "node:assert/strict";
import type { AttemptEvent } from "../../../core/events.ts";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  claimAll,
  create,
  existing,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

type Recorded = Extract<AttemptEvent, { event: "recorded" }>;

const recorded = (step: string, state: Recorded["state"], more: Partial<Recorded> = {}): Recorded => ({
  event: "recorded",
  attempt: 1,
  step,
  state,
  undo: false,
  ...more,
});

const ERROR = { code: "work-failed", title: "Work failed", detail: "It broke.", retryable: true };
const FINAL = { ...ERROR, retryable: false };

/** Tests of step records. */
export const recordTests: StoreTests = {
  "keeps every field, in the order in which the steps began": async ({ store }) => {
    await running(store, "a");
    await store.apply([
      workerEvent("a-create", recorded("second", "started", { undo: true })),
      workerEvent("a-create", recorded("first", "done", { result: '{"ö":[1,null]}' })),
      workerEvent("a-create", recorded("second", "failed", { error: ERROR }), AT + 7),
      workerEvent("a-create", recorded("third", "done")),
    ]);
    const common = { generation: 0, at: AT, error: null };
    assert.deepEqual(await store.records("a-create"), [
      { ...common, step: "second", state: "failed", result: null, error: ERROR, undo: true, position: 1, at: AT + 7 },
      { ...common, step: "first", state: "done", result: '{"ö":[1,null]}', undo: false, position: 2 },
      { ...common, step: "third", state: "done", result: null, undo: false, position: 3 },
    ]);
    assert.deepEqual(await store.records("of nobody"), []);
  },

  "changes nothing when a record is repeated, also by many at once": async ({ store }) => {
    await running(store, "a");
    const done = workerEvent("a-create", recorded("s", "done", { result: "1" }));
    const results = await Promise.all(Array.from({ length: 20 }, () => applyOne(store, done)));
    assert.deepEqual(results.map(({ outcome }) => outcome).toSorted(), [
      "applied",
      ...Array.from({ length: 19 }, () => "unchanged"),
    ]);
    const other = await applyOne(store, workerEvent("a-create", recorded("s", "done", { result: "2" })));
    assert.equal(other.outcome, "unchanged");
    assert.deepEqual(
      (await store.records("a-create")).map(({ result }) => result),
      ["1"],
    );
  },

  "counts what an operation holds, and takes no more than its type allows": async ({ store }) => {
    await running(store, "a");
    const large = JSON.stringify("x".repeat(60_000));
    await applied(store, workerEvent("a-create", recorded("s", "done", { result: large })));
    const refused = await applyOne(store, workerEvent("a-create", recorded("t", "done", { result: large })));
    assert.equal(refused.code, "operation-too-large");
    assert.deepEqual(
      (await store.records("a-create")).map(({ step }) => step),
      ["s"],
    );
    assert.ok((await existing(store, "a")).operation.bytes > 60_000);
  },

  "clears failed records before the next attempt: those with an undo may have happened": async ({ store }) => {
    await running(store, "a");
    await store.apply([
      workerEvent("a-create", recorded("done", "done", { result: "1" })),
      workerEvent("a-create", recorded("plain", "failed", { error: ERROR })),
      workerEvent("a-create", recorded("undoable", "failed", { error: ERROR, undo: true })),
      workerEvent("a-create", { event: "failed", attempt: 1, error: ERROR }),
    ]);
    assert.deepEqual(
      (await store.records("a-create")).map(({ step, state, error }) => [step, state, error]),
      [
        ["done", "done", null],
        ["undoable", "started", null],
      ],
    );
  },

  "counts generations of a step that was undone and done again in a retry, which inherits the rest": async ({
    store,
  }) => {
    await running(store, "a");
    await store.apply([
      workerEvent("a-create", recorded("kept", "done", { result: "1" })),
      workerEvent("a-create", recorded("undone", "done", { result: "2", undo: true })),
      workerEvent("a-create", { event: "failed", attempt: 1, error: FINAL }),
    ]);
    await claimAll(store, { claim: 2 });
    await store.apply([
      workerEvent("a-create", recorded("undone", "undone", { attempt: 2 })),
      workerEvent("a-create", { event: "undone", attempt: 2 }),
    ]);
    const failed = await existing(store, "a");
    assert.deepEqual({ status: failed.status, code: failed.error?.code }, { status: "Failed", code: "work-failed" });
    const retried = await applied(store, change(failed, { id: "retry", kind: "create", retryOf: "a-create" }));
    assert.equal(retried.operation.root, "a-create");
    const [granted] = await claimAll(store, { claim: 3 });
    assert.deepEqual(
      granted?.records.map(({ step, state, generation }) => [step, state, generation]),
      [
        ["kept", "done", 0],
        ["undone", "undone", 1],
      ],
    );
    await applied(store, workerEvent("retry", recorded("undone", "done", { attempt: 1, result: "3", undo: true })));
    assert.deepEqual(
      (await store.records("a-create")).map(({ step, state, generation, result, position }) => [
        step,
        state,
        generation,
        result,
        position,
      ]),
      [
        ["kept", "done", 0, "1", 1],
        ["undone", "done", 1, "3", 3],
      ],
    );
  },

  "starts a change that is no retry without records": async ({ store }) => {
    await running(store, "a");
    await applied(store, workerEvent("a-create", recorded("s", "done", { result: "1" })));
    const settled = await applied(store, workerEvent("a-create", { event: "succeeded", attempt: 1, details: "{}" }));
    await applied(store, change(settled, { id: "turn", kind: "turn" }));
    const [granted] = await claimAll(store, { claim: 2 });
    assert.deepEqual(granted?.records, []);
    assert.deepEqual(await store.records("a-create"), [], "no retry can continue the create");
    await applied(store, workerEvent("turn", recorded("s", "done", { result: "2" })));
    assert.deepEqual(
      (await store.records("turn")).map(({ result }) => result),
      ["2"],
    );
  },

  "names the steps that are left to undo": async ({ store }) => {
    await running(store, "a");
    await store.apply([
      workerEvent("a-create", recorded("plain", "done")),
      workerEvent("a-create", recorded("disk", "done", { undo: true })),
      workerEvent("a-create", recorded("net", "started", { undo: true })),
      workerEvent("a-create", { event: "failed", attempt: 1, error: FINAL }),
    ]);
    await claimAll(store, { claim: 2 });
    await applied(store, workerEvent("a-create", recorded("net", "undone", { attempt: 2 })));
    const [overdue] = await store.overdue(AT + 10_000_000, 10);
    assert.deepEqual(
      { id: overdue?.resource.id, stepsNotUndone: overdue?.stepsNotUndone },
      { id: "a", stepsNotUndone: ["disk"] },
    );
    await applied(store, create("b"));
    await applied(store, clientEvent("b", { event: "cancel-requested" }));
    assert.equal((await store.overdue(AT + 10_000_000, 10)).length, 1);
  },
};
