import assert from "node:assert/strict";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  create,
  type Creation,
  numbered,
  readOne,
  ready,
  workerEvent,
  spread,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

/** Tests of the limits of resources in progress. */
export const limitTests: StoreTests = {
  "lets exactly as many racing creates begin as there is room for": async ({ store, stores }) => {
    const ids = numbered(100);
    const results = await spread(stores, ids, (each, id) => applyOne(each, create(id, { maxInProgress: 10 })));
    assert.equal(results.filter(({ outcome }) => outcome === "applied").length, 10);
    assert.equal(results.filter(({ code }) => code === "too-many-in-progress").length, 90);
    const rows = await store.read(ids.map((id) => ({ type: "widget", id })));
    assert.equal(rows.filter((row) => row !== undefined).length, 10);
  },

  "makes room when an operation settles, and for another type": async ({ store }) => {
    await applied(store, create("a", { maxInProgress: 1 }));
    assert.equal((await applyOne(store, create("b", { maxInProgress: 1 }))).code, "too-many-in-progress");
    assert.equal((await applyOne(store, create("g", { type: "gadget", maxInProgress: 1 }))).outcome, "applied");
    await applied(store, clientEvent("a", { event: "cancel-requested" }));
    assert.equal((await applyOne(store, create("b", { maxInProgress: 1 }))).outcome, "applied");
    assert.equal((await applyOne(store, create("c", { maxInProgress: 1 }))).code, "too-many-in-progress");
  },

  "counts changes like creates, and knows a repetition at the limit": async ({ store }) => {
    const settled = await ready(store, "a");
    await applied(store, create("b", { maxInProgress: 1 }));
    assert.equal((await applyOne(store, create("b", { maxInProgress: 1 }))).outcome, "unchanged");
    const update = { id: "update", kind: "update" };
    const refused = await applyOne(store, change(settled, update, { maxInProgress: 1 }));
    assert.deepEqual(refused, { outcome: "refused", code: "too-many-in-progress", resource: settled });
    assert.equal((await applyOne(store, change(settled, update, { maxInProgress: 2 }))).outcome, "applied");
  },

  "still counts right after a bad entry, and after another opening": async ({ store, reopen }) => {
    const bad = create("bad", { operation: { owner: "\0" } });
    const results = await Promise.allSettled([bad, create("a"), create("b")].map((each) => applyOne(store, each)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "fulfilled", "fulfilled"],
    );
    assert.equal((await applyOne(store, create("c", { maxInProgress: 2 }))).code, "too-many-in-progress");
    assert.equal((await applyOne(store, create("c", { maxInProgress: 3 }))).outcome, "applied");
    const again = await reopen();
    assert.equal((await applyOne(again, create("d", { maxInProgress: 3 }))).code, "too-many-in-progress");
    assert.equal((await applyOne(again, create("d", { maxInProgress: 4 }))).outcome, "applied");
    assert.equal(await readOne(again, "bad"), undefined);
  },

  "counts an operation that is retried": async ({ store }) => {
    const settled = await ready(store, "a");
    const { operation } = await applied(store, change(settled, { id: "turn", kind: "turn" }, { maxInProgress: 1 }));
    await store.claim([
      { worker: "w", claim: 1, slots: [{ type: "widget", kinds: ["turn"], free: 1 }], at: settled.updatedAt },
    ]);
    const error = { code: "work-failed", title: "Work failed", detail: "It rained.", retryable: true };
    await applied(store, workerEvent(operation.id, { event: "failed", attempt: 1, error }));
    assert.equal((await applyOne(store, create("b", { maxInProgress: 1 }))).code, "too-many-in-progress");
  },

  "deletes at the limit where that begins nothing": async ({ store }) => {
    await applied(store, create("a", { type: "gadget" }));
    const cancelled = await applied(store, {
      ...clientEvent("a", { event: "cancel-requested" }),
      target: { type: "gadget", id: "a" },
    });
    await applied(store, create("b", { type: "gadget", maxInProgress: 1 }));
    await applied(store, change(cancelled, { id: "gone", kind: "delete" }, { maxInProgress: 1 }));
  },

  "limits the resources of one owner, over all types, and no other owner": async ({ store }) => {
    const limit = (owner: string, type = "widget"): Creation => ({
      type,
      operation: { owner },
      ownerLimit: { owner, max: 2 },
    });
    const ids = numbered(10);
    const results = await Promise.all(ids.map((id) => applyOne(store, create(id, limit("ann")))));
    assert.equal(results.filter(({ outcome }) => outcome === "applied").length, 2);
    assert.equal(results.filter(({ code }) => code === "too-many-of-owner").length, 8);
    assert.equal((await applyOne(store, create("g", limit("ann", "gadget")))).code, "too-many-of-owner");
    assert.equal((await applyOne(store, create("b", limit("bob")))).outcome, "applied");
    const [first = ""] = ids;
    await applied(store, clientEvent(first, { event: "cancel-requested" }));
    assert.equal((await applyOne(store, create("g", limit("ann", "gadget")))).outcome, "applied");
    assert.equal((await applyOne(store, create("h", limit("ann")))).code, "too-many-of-owner");
  },

  "counts what belongs to an owner after another opening, and after a bad entry": async ({ store, reopen }) => {
    const limited = { operation: { owner: "ann" }, ownerLimit: { owner: "ann", max: 2 } };
    const bad = create("bad", { operation: { owner: "ann", configuration: '"\0"' } });
    const results = await Promise.allSettled([bad, create("a", limited)].map((each) => applyOne(store, each)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "fulfilled"],
    );
    const again = await reopen();
    assert.equal((await applyOne(again, create("b", limited))).outcome, "applied");
    assert.equal((await applyOne(again, create("c", limited))).code, "too-many-of-owner");
  },
};
