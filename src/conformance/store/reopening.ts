import assert from "node:assert/strict";
import { isAfootError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import {
  applied,
  applyOne,
  clientEvent,
  claimAll,
  create,
  existing,
  idsOf,
  numbered,
  ready,
  running,
  workerEvent,
} from "./fixture/changes.ts";
import type { StoreTests } from "./fixture/fixture.ts";
import { AT } from "./fixture/types.ts";

/** Reads the complete state of a store as one value. */
async function everything(store: Store): Promise<unknown> {
  const rows = await store.list({ type: "widget", limit: 1000 });
  return {
    rows,
    histories: await Promise.all(rows.map((key) => store.history({ key, limit: 1000 }))),
    records: await Promise.all(rows.map(({ operation }) => store.records(operation.root))),
    replies: await store.readReplies([{ principal: "p", key: "k" }]),
    durations: await store.reporting?.durations(),
    nextDueAt: await store.nextDueAt([{ type: "widget", kinds: ["create", "update"] }]),
    nextOverdueAt: await store.nextOverdueAt(),
    counts: new Set(((await store.reporting?.inProgressCounts()) ?? []).map((count) => JSON.stringify(count))),
  };
}

const isUnavailable = (error: unknown): boolean => isAfootError(error) && error.code === "store-unavailable";

/** Tests of reopening: committed changes outlive the process. */
export const reopeningTests: StoreTests = {
  "keeps everything": async ({ store, reopen }) => {
    await ready(store, "ready");
    await running(store, "waiting");
    const idempotency = { principal: "p", key: "k", fingerprint: "f", status: 202, location: "/l", body: "b" };
    await store.apply([
      create("pending", {
        idempotency,
        operation: { owner: "team", availableAt: AT + 5, configuration: String.raw`{"a":"ä\u0000"}` },
      }),
      workerEvent("waiting-create", {
        event: "recorded",
        attempt: 1,
        step: "s",
        state: "done",
        result: "[1]",
        undo: true,
      }),
      clientEvent("waiting", { event: "received", id: "m", name: "approval", value: '{"ok":true}' }),
      workerEvent("waiting-create", {
        event: "waiting",
        attempt: 1,
        receive: ["approval"],
        until: AT + 99,
        receivedSeen: 1,
      }),
    ]);
    await store.reporting?.saveDurations([{ type: "widget", kind: "create", milestone: "", samples: [[1, 2]] }]);
    const before = await everything(store);
    const again = await reopen();
    assert.deepEqual(await everything(again), before);
    const granted = await claimAll(again, { claim: 2, at: AT + 99 });
    assert.deepEqual(idsOf(granted), ["pending", "waiting"]);
    assert.deepEqual(
      granted[1]?.received.map(({ id }) => id),
      ["m"],
    );
  },

  "marks claimed operations as lost, and so due, in a store of a single process": async (fixture) => {
    const { store, processes, reopen } = fixture;
    const ids = numbered(1200);
    await store.apply(ids.map((id) => create(id)));
    assert.equal((await claimAll(store, { free: 2000 })).length, 1200);
    await applied(store, workerEvent("r0007-create", { event: "progress", attempt: 1, sequence: 1, progress: 0.5 }));
    const again = await reopen(AT + 1000);
    const claimed = await again.claimedOperations();
    if (processes === "many") {
      assert.equal(claimed.length, 1200);
      return;
    }
    assert.deepEqual(claimed, []);
    const { operation } = await existing(again, "r0007");
    assert.deepEqual(
      {
        state: operation.state,
        lostWorkers: operation.lostWorkers,
        dueAt: operation.dueAt,
        isolated: operation.isolated,
        progress: operation.progress,
      },
      { state: "pending", lostWorkers: 1, dueAt: AT + 1000, isolated: true, progress: 0.5 },
    );
    const late = await applyOne(again, workerEvent("r0007-create", { event: "succeeded", attempt: 1, details: "{}" }));
    assert.equal(late.outcome, "dropped");
    const granted = await claimAll(again, { worker: "next", free: 2000, at: AT + 1000 });
    assert.deepEqual(idsOf(granted), ids);
    assert.ok(granted.every(({ resource }) => resource.operation.attempt === 2));
  },

  "commits what was written before it closes, and takes nothing after": async ({ store, reopen }) => {
    const writes = Promise.all(numbered(200).map((id) => applyOne(store, create(id))));
    const closing = store.close();
    assert.ok((await writes).every(({ outcome }) => outcome === "applied"));
    await closing;
    await assert.rejects(store.apply([create("late")]), isUnavailable);
    await assert.rejects(store.read([{ type: "widget", id: "r0000" }]), isUnavailable);
    await assert.rejects(store.nextOverdueAt(), isUnavailable);
    await store.close();
    const again = await reopen();
    assert.equal((await again.list({ type: "widget", limit: 1000 })).length, 200);
  },
};
