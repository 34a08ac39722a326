import assert from "node:assert/strict";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  claimAll,
  existing,
  idsOf,
  numbered,
  ready,
  running,
  workerEvent,
  spread,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

const message = (id: string, value = "{}", name = "approval") => ({ event: "received", id, name, value }) as const;

/** Tests of messages posted to resources. */
export const receivedTests: StoreTests = {
  "stores a message once, however often and by how many it is posted": async ({ store, stores }) => {
    await running(store, "a");
    const ids = Array.from({ length: 60 }, (_, index) => `m${index % 3}`);
    const results = await spread(stores, ids, (each, id) =>
      applyOne(each, clientEvent("a", message(id, JSON.stringify(id)))),
    );
    assert.equal(results.filter(({ outcome }) => outcome === "applied").length, 3);
    assert.equal(results.filter(({ outcome }) => outcome === "unchanged").length, 57);
    const { operation } = await applied(store, workerEvent("a-create", { event: "handed-back", attempt: 1 }));
    assert.equal(operation.receivedCount, 3);
    const [granted] = await claimAll(store, { claim: 2 });
    assert.deepEqual(
      granted?.received.map(({ position }) => position),
      [1, 2, 3],
    );
    assert.deepEqual(granted.received.map(({ id }) => id).toSorted(), ["m0", "m1", "m2"]);
    assert.ok(granted.received.every(({ id, value, name }) => value === JSON.stringify(id) && name === "approval"));
  },

  "knows a message again after its operation has settled, and in the next one": async ({ store }) => {
    await running(store, "a");
    await applied(store, clientEvent("a", message("m1")));
    const settled = await applied(store, workerEvent("a-create", { event: "succeeded", attempt: 1, details: "{}" }));
    assert.equal((await applyOne(store, clientEvent("a", message("m1")))).outcome, "unchanged");
    assert.equal((await applyOne(store, clientEvent("a", message("m2")))).code, "settled");
    await applied(store, change(settled, { id: "turn", kind: "turn" }));
    assert.equal((await applyOne(store, clientEvent("a", message("m1")))).outcome, "unchanged");
    await applied(store, clientEvent("a", message("m3")));
    const [granted] = await claimAll(store, { claim: 2 });
    assert.deepEqual(
      granted?.received.map(({ id, position }) => [id, position]),
      [["m3", 1]],
    );
  },

  "tells the same id apart on two resources": async ({ store }) => {
    await running(store, "a");
    await running(store, "b");
    const outcomes = await store.apply([clientEvent("a", message("m1")), clientEvent("b", message("m1"))]);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["applied", "applied"],
    );
  },

  "wakes an operation that waits, and loses no wake-up to a race": async ({ store, stores }) => {
    const ids = numbered(20);
    for (const id of ids) await running(store, id);
    const waiting = ids.map((id) =>
      workerEvent(`${id}-create`, { event: "waiting", attempt: 1, receive: ["approval"], receivedSeen: 0 }),
    );
    const posted = ids.map((id) => clientEvent(id, message(`for ${id}`)));
    const both = waiting.flatMap((wait, index) =>
      index % 2 === 0 ? [wait, posted[index] ?? wait] : [posted[index] ?? wait, wait],
    );
    await spread(stores, both, applyOne);
    const granted = await claimAll(store, { worker: "next" });
    assert.deepEqual(idsOf(granted).toSorted(), ids);
    assert.ok(granted.every(({ received }) => received.length === 1));
  },

  "stores a message for which no operation waits": async ({ store }) => {
    await running(store, "a");
    await applied(
      store,
      workerEvent("a-create", { event: "waiting", attempt: 1, receive: ["approval"], receivedSeen: 0 }),
    );
    const { operation } = await applied(store, clientEvent("a", message("m1", "{}", "payment")));
    assert.deepEqual({ state: operation.state, dueAt: operation.dueAt }, { state: "waiting", dueAt: null });
    assert.deepEqual(await claimAll(store, { claim: 2 }), []);
  },

  "gives a retry what its operation had received": async ({ store }) => {
    await running(store, "a");
    await applied(store, clientEvent("a", message("m1")));
    const error = { code: "work-failed", title: "Work failed", detail: "No.", retryable: false };
    const failed = await applied(store, workerEvent("a-create", { event: "failed", attempt: 1, error }));
    await applied(store, change(failed, { id: "retry", kind: "create", retryOf: "a-create" }));
    await applied(store, clientEvent("a", message("m2")));
    const [granted] = await claimAll(store, { claim: 2 });
    assert.deepEqual(
      granted?.received.map(({ id, position }) => [id, position]),
      [
        ["m1", 1],
        ["m2", 2],
      ],
    );
  },

  "refuses a message to what is settled or not there": async ({ store }) => {
    const settled = await ready(store, "a");
    assert.equal((await applyOne(store, clientEvent("a", message("m1")))).code, "settled");
    assert.equal((await applyOne(store, clientEvent("b", message("m1")))).code, "resource-not-found");
    assert.deepEqual(await existing(store, "a"), settled);
  },
};
