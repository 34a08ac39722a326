import assert from "node:assert/strict";
import type { Resource } from "../../../core/resource.ts";
import { moveInstants } from "../../../core/state-machine/move-instants.ts";
import { applied, claimAll, create, existing, ready, running, workerEvent } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

const HOUR = 3_600_000;

/** Tests of the correction after the wall clock was set. */
export const clockTests: StoreTests = {
  "moves nothing while the clock runs evenly": async ({ store }) => {
    const before = await applied(store, create("a"));
    const unmoved = { movedMs: 0, totalMs: 0 };
    assert.deepEqual(await store.adjustToClock({ at: AT }), unmoved);
    const even = { at: AT + 15_000, expectedAt: AT + 15_020, totalMs: 0 };
    assert.deepEqual(await store.adjustToClock(even), unmoved);
    const drifted = { at: AT - 30_000, expectedAt: AT + 29_000, totalMs: 0 };
    assert.deepEqual(await store.adjustToClock(drifted), unmoved, "drift");
    assert.deepEqual(await store.adjustToClock({ at: AT + 26 * HOUR }), unmoved, "a day without a process");
    assert.deepEqual(await existing(store, "a"), before);
  },

  "brings everything in progress back at the first reading after the clock was set back": async ({ store }) => {
    const at = AT + 26 * HOUR;
    const waiting = await paused(store, "waiting", at);
    const pending = await applied(store, create("pending", { at }));
    const settled = await ready(store, "settled");
    await store.adjustToClock({ at, expectedAt: at, totalMs: 0 });
    const moved = { movedMs: -26 * HOUR, totalMs: -26 * HOUR };
    assert.deepEqual(await store.adjustToClock({ at: AT }), moved);
    assert.deepEqual(await existing(store, "waiting"), moveInstants(waiting, -26 * HOUR));
    assert.deepEqual(await existing(store, "pending"), moveInstants(pending, -26 * HOUR));
    assert.deepEqual(await existing(store, "settled"), settled);
    assert.equal((await existing(store, "waiting")).operation.dueAt, AT + 5000);
    assert.deepEqual(
      await store.adjustToClock({ at: AT }),
      { ...moved, movedMs: 0 },
      "a repeated reading moves nothing",
    );
    assert.equal(await store.nextDueAt([{ type: "widget", kinds: ["create"] }]), AT);
    assert.equal(await store.nextOverdueAt(), moveInstants(waiting, -26 * HOUR).operation.deadlineAt);
  },

  "moves records of operations in progress, so that a wait keeps its remaining time": async ({ store }) => {
    const at = AT + 26 * HOUR;
    await paused(store, "a", at);
    const before = await store.records("a-create");
    await store.adjustToClock({ at, expectedAt: at, totalMs: 0 });
    await store.adjustToClock({ at: AT });
    assert.ok(before.length > 0);
    assert.deepEqual(
      await store.records("a-create"),
      before.map((record) => ({ ...record, at: record.at - 26 * HOUR })),
    );
    const [grant] = await claimAll(store, { at: AT + 5000 });
    assert.equal(grant?.resource.operation.attempt, 2);
    assert.equal(grant.records[0]?.at, AT);
  },

  "keeps the remaining time of everything in progress when the clock of a process is set forward": async ({
    store,
  }) => {
    const claimed = await running(store, "claimed");
    const waiting = await paused(store, "waiting", AT);
    await store.adjustToClock({ at: AT });
    const forward = { at: AT + 26 * HOUR, expectedAt: AT, totalMs: 0 };
    assert.deepEqual(await store.adjustToClock(forward), { movedMs: 26 * HOUR, totalMs: 26 * HOUR });
    assert.deepEqual(await existing(store, "claimed"), moveInstants(claimed, 26 * HOUR));
    assert.deepEqual(await existing(store, "waiting"), moveInstants(waiting, 26 * HOUR));
    assert.deepEqual(await store.overdue(AT + 26 * HOUR, 10), []);
    const back = { at: AT, expectedAt: AT + 26 * HOUR, totalMs: 26 * HOUR };
    assert.deepEqual(await store.adjustToClock(back), { movedMs: -26 * HOUR, totalMs: 0 });
    assert.deepEqual(await existing(store, "waiting"), waiting, "there and back again");
  },

  "moves only what a slower process wrote meanwhile, if another has adjusted already": async ({ store }) => {
    const expectedAt = AT + 26 * HOUR;
    const moved = await applied(store, create("moved", { at: expectedAt - 1000 }));
    await store.adjustToClock({ at: expectedAt });
    const adjusted = { movedMs: -26 * HOUR, totalMs: -26 * HOUR };
    assert.deepEqual(await store.adjustToClock({ at: AT, expectedAt, totalMs: 0 }), adjusted);
    const late = await applied(store, create("late", { at: expectedAt + 2000 }));
    const correct = await applied(store, create("correct", { at: AT + 2000 }));
    const slower = { at: AT + 3000, expectedAt: expectedAt + 3000, totalMs: 0 };
    assert.deepEqual(await store.adjustToClock(slower), adjusted);
    assert.deepEqual(await existing(store, "moved"), moveInstants(moved, -26 * HOUR));
    assert.deepEqual(await existing(store, "late"), moveInstants(late, -26 * HOUR));
    assert.deepEqual(await existing(store, "correct"), correct);
  },

  "moves by what is left if a suspended process detects several steps as one": async ({ store }) => {
    await store.adjustToClock({ at: AT });
    const waiting = await paused(store, "waiting", AT);
    await store.adjustToClock({ at: AT + 26 * HOUR, expectedAt: AT, totalMs: 0 });
    const suspended = { at: AT - HOUR, expectedAt: AT, totalMs: 0 };
    assert.deepEqual(await store.adjustToClock(suspended), { movedMs: -27 * HOUR, totalMs: -HOUR });
    const first = { at: AT - HOUR, expectedAt: AT + 26 * HOUR, totalMs: 26 * HOUR };
    assert.equal((await store.adjustToClock(first)).totalMs, -HOUR);
    assert.deepEqual(await existing(store, "waiting"), moveInstants(waiting, -HOUR));
  },

  "lets a running process detect a step forward after another one has started": async ({ store }) => {
    await store.adjustToClock({ at: AT });
    const waiting = await paused(store, "waiting", AT);
    assert.equal((await store.adjustToClock({ at: AT + 26 * HOUR })).movedMs, 0, "the one that starts");
    const made = await applied(store, create("made", { at: AT + 26 * HOUR }));
    const detected = { at: AT + 26 * HOUR + 3000, expectedAt: AT + 3000, totalMs: 0 };
    assert.equal((await store.adjustToClock(detected)).movedMs, 26 * HOUR);
    assert.deepEqual(await existing(store, "waiting"), moveInstants(waiting, 26 * HOUR));
    assert.deepEqual(await existing(store, "made"), made);
  },

  "does not let tombstones and replies expire at once when the clock is set forward": async ({ store }) => {
    const reply = { principal: "", key: "k", fingerprint: "f", status: 202, location: "/a", body: "{}" };
    await applied(store, create("a", { idempotency: reply }));
    await store.adjustToClock({ at: AT });
    await store.adjustToClock({ at: AT + 26 * HOUR, expectedAt: AT, totalMs: 0 });
    const before = AT + 2 * HOUR;
    await store.purge({
      deletedBefore: before,
      historyBefore: 0,
      idempotencyBefore: before,
      statisticsBefore: [],
      limit: 10,
    });
    assert.deepEqual(await store.readReplies([{ principal: "", key: "k" }]), [reply]);
  },

  "is writable": async ({ store }) => {
    await store.checkWritable();
    await store.checkWritable();
  },
};

/** Creates a resource whose work has recorded a wait and is due again after 5 s. */
async function paused(store: Parameters<typeof existing>[0], id: string, at: number): Promise<Resource> {
  await applied(store, create(id, { at }));
  await claimAll(store, { worker: `worker of ${id}`, at });
  const wait = { step: "wait", state: "started", undo: false, result: '{"waitMs":5000}' } as const;
  await applied(store, workerEvent(`${id}-create`, { event: "recorded", attempt: 1, ...wait }, at));
  return applied(
    store,
    workerEvent(`${id}-create`, { event: "waiting", attempt: 1, receivedSeen: 0, until: at + 5000 }, at),
  );
}
