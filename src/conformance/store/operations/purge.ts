import assert from "node:assert/strict";
import type { IdempotentReply } from "../../../core/change.ts";
import type { PurgeRequest, Store } from "../../../core/ports/store.ts";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  claimAll,
  create,
  numbered,
  readOne,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

const NOTHING: PurgeRequest = {
  deletedBefore: 0,
  historyBefore: 0,
  idempotencyBefore: 0,
  statisticsBefore: [],
  limit: 1000,
};

const gadget = (id: string) => ({ type: "gadget", id });

/** Creates a gadget and deletes it at an instant. */
async function deleted(store: Store, id: string, at: number): Promise<void> {
  await applied(store, create(id, { type: "gadget", at: AT }));
  const cancelled = await applied(store, { ...clientEvent(id, { event: "cancel-requested" }), target: gadget(id) });
  await applied(store, change(cancelled, { id: `${id}-delete`, kind: "delete" }, { at }));
}

async function purgeAll(store: Store, request: PurgeRequest): Promise<number> {
  let sum = 0;
  for (;;) {
    const removed = await store.purge(request);
    sum += removed;
    if (removed === 0) return sum;
  }
}

const reply = (key: string): IdempotentReply => ({
  principal: "",
  key,
  fingerprint: "f",
  status: 202,
  location: "/",
  body: "{}",
});

/** Tests of the purge of expired rows, a bounded step at a time. */
export const purgeTests: StoreTests = {
  "removes what was deleted long ago, with its history": async ({ store }) => {
    await deleted(store, "old", AT + 10);
    await deleted(store, "young", AT + 20);
    await applied(store, create("alive", { type: "gadget" }));
    assert.ok((await purgeAll(store, { ...NOTHING, deletedBefore: AT + 20 })) > 0);
    const [old, young, alive] = await store.read([gadget("old"), gadget("young"), gadget("alive")]);
    assert.deepEqual(
      { old, youngDeletedAt: young?.deletedAt, aliveDeletedAt: alive?.deletedAt },
      { old: undefined, youngDeletedAt: AT + 20, aliveDeletedAt: null },
    );
    assert.deepEqual(await store.history({ key: gadget("old"), limit: 10 }), []);
    assert.ok((await store.history({ key: gadget("young"), limit: 10 })).length > 0);
    await applied(store, create("old", { type: "gadget", operation: { id: "anew" } }));
  },

  "removes old history of what is settled, and no other": async ({ store }) => {
    await running(store, "working");
    await running(store, "settled");
    await applied(store, workerEvent("settled-create", { event: "succeeded", attempt: 1, details: "{}" }, AT + 50));
    assert.equal(await purgeAll(store, { ...NOTHING, historyBefore: AT + 50 }), 2);
    const events = async (id: string): Promise<string[]> =>
      (await store.history({ key: { type: "widget", id }, limit: 10 })).map(({ event }) => event);
    assert.deepEqual(await events("settled"), ["succeeded"]);
    assert.deepEqual(await events("working"), ["accepted", "claimed"]);
  },

  "gives lines that come later higher numbers than any before, also after another opening": async ({
    store,
    reopen,
  }) => {
    await running(store, "a");
    const settled = await applied(store, workerEvent("a-create", { event: "succeeded", attempt: 1, details: "{}" }));
    const last = (await store.history({ key: settled, limit: 10 })).at(-1)?.sequence ?? assert.fail();
    assert.equal(await purgeAll(store, { ...NOTHING, historyBefore: AT + 1 }), 3);
    const again = await reopen();
    await applied(again, change(settled, { id: "turn", kind: "turn" }));
    const [line] = await again.history({ key: settled, limit: 10 });
    assert.ok((line?.sequence ?? 0) > last);
  },

  "removes old replies, so that their keys are free": async ({ store }) => {
    await applied(store, create("a", { idempotency: reply("old") }));
    await applied(store, create("b", { at: AT + 50, idempotency: reply("young") }));
    assert.equal(await purgeAll(store, { ...NOTHING, idempotencyBefore: AT + 50 }), 1);
    assert.deepEqual(await store.readReplies([reply("old"), reply("young")]), [undefined, reply("young")]);
    assert.equal((await applyOne(store, create("c", { idempotency: reply("old") }))).outcome, "applied");
  },

  "goes in steps of at most the limit, and leaves nothing behind": async ({ store, reopen }) => {
    const ids = numbered(10);
    for (const id of ids) await deleted(store, id, AT + 10);
    const request = { ...NOTHING, deletedBefore: AT + 11, limit: 3 };
    const steps: number[] = [];
    for (let removed = await store.purge(request); removed > 0; removed = await store.purge(request)) {
      steps.push(removed);
    }
    // At most three resources and three history entries at a time.
    assert.ok(steps.length > 3 && steps.every((removed) => removed <= 6), String(steps));
    const again = await reopen();
    assert.deepEqual(
      await again.read(ids.map(gadget)),
      ids.map(() => undefined),
    );
    await again.apply(ids.map((id) => create(id, { type: "gadget", operation: { id: `${id}-again` } })));
    for (const id of ids) assert.equal((await again.history({ key: gadget(id), limit: 10 })).length, 1, id);
  },

  "leaves a failed operation what a retry inherits": async ({ store }) => {
    await running(store, "a");
    const error = { code: "work-failed", title: "Work failed", detail: "No.", retryable: false };
    const results = await store.apply([
      workerEvent("a-create", { event: "recorded", attempt: 1, step: "s", state: "done", result: "1", undo: false }),
      clientEvent("a", { event: "received", id: "m", name: "approval", value: "2" }),
      workerEvent("a-create", { event: "failed", attempt: 1, error }),
    ]);
    await purgeAll(store, { ...NOTHING, historyBefore: AT + 1 });
    await applied(
      store,
      change(results[2]?.resource ?? assert.fail(), { id: "retry", kind: "create", retryOf: "a-create" }),
    );
    const [granted] = await claimAll(store, { claim: 2 });
    assert.deepEqual(
      { recordsCount: granted?.records.length, receivedCount: granted?.received.length },
      { recordsCount: 1, receivedCount: 1 },
    );
    assert.ok((await readOne(store, "a")) !== undefined);
  },

  "removes nothing while nothing is old": async ({ store }) => {
    await deleted(store, "a", AT);
    await applied(store, create("b", { idempotency: reply("k") }));
    assert.equal(
      await store.purge({ ...NOTHING, deletedBefore: AT, historyBefore: AT, idempotencyBefore: AT, limit: 100 }),
      0,
    );
  },
};
