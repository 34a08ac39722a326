import assert from "node:assert/strict";
import type { IdempotentReply } from "../../../core/change.ts";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  create,
  existing,
  numbered,
  ready,
  spread,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

const reply = (more: Partial<IdempotentReply> = {}): IdempotentReply => ({
  principal: "alice",
  key: "key-1",
  fingerprint: "POST /api/widgets 1",
  status: 202,
  location: "/api/widgets/a",
  body: '{"id":"a","ü":true}',
  ...more,
});

/** Tests of Idempotency-Keys: each has one effect and one reply. */
export const idempotencyTests: StoreTests = {
  "gives 200 racing creates with one key one resource and equal replies": async ({ store, stores }) => {
    const results = await spread(stores, numbered(200), (each, id) =>
      applyOne(each, create(id, { idempotency: reply({ location: `/api/widgets/${id}`, body: `{"id":"${id}"}` }) })),
    );
    const won = results.filter(({ outcome }) => outcome === "applied");
    assert.equal(won.length, 1);
    const id = won[0]?.resource?.id ?? assert.fail();
    const given = reply({ location: `/api/widgets/${id}`, body: `{"id":"${id}"}` });
    const replayed = results.filter(({ outcome }) => outcome === "replayed");
    assert.equal(replayed.length, 199);
    for (const each of replayed) assert.deepEqual(each.reply, given);
    assert.deepEqual(
      (await store.list({ type: "widget", limit: 200 })).map((row) => row.id),
      [id],
    );
    assert.deepEqual(await store.readReplies([given]), [given]);
  },

  "refuses the key for another request, and changes nothing": async ({ store }) => {
    await applied(store, create("a", { idempotency: reply() }));
    const other = await applyOne(store, create("b", { idempotency: reply({ fingerprint: "another" }) }));
    assert.deepEqual(
      { outcome: other.outcome, code: other.code },
      { outcome: "refused", code: "idempotency-key-reused" },
    );
    assert.deepEqual(await store.read([{ type: "widget", id: "b" }]), [undefined]);
    assert.deepEqual(await store.readReplies([reply()]), [reply()]);
  },

  "tells keys of two principals apart": async ({ store }) => {
    await applied(store, create("a", { idempotency: reply() }));
    const bobs = reply({ principal: "bob", fingerprint: "another", body: "b" });
    await applied(store, create("b", { idempotency: bobs }));
    const unknown = { principal: "", key: "key-1" };
    assert.deepEqual(await store.readReplies([unknown, bobs, reply()]), [undefined, bobs, reply()]);
  },

  "keeps no reply of what was refused or dropped": async ({ store }) => {
    await applied(store, create("a"));
    const refused = await applyOne(store, create("a", { operation: { id: "other" }, idempotency: reply() }));
    assert.equal(refused.code, "resource-exists");
    const late = clientEvent("a", { event: "undone", attempt: 5 }, { idempotency: reply() });
    assert.equal((await applyOne(store, late)).outcome, "dropped");
    assert.deepEqual(await store.readReplies([reply()]), [undefined]);
    await applied(store, create("b", { idempotency: reply() }));
  },

  "keeps the reply of a change that was made already": async ({ store }) => {
    await applied(store, create("a"));
    assert.equal((await applyOne(store, create("a", { idempotency: reply() }))).outcome, "unchanged");
    assert.deepEqual(await store.readReplies([reply()]), [reply()]);
  },

  "serves changes and messages like creates": async ({ store }) => {
    const settled = await ready(store, "a");
    const turn = change(settled, { id: "turn", kind: "turn" }, { idempotency: reply() });
    const begun = await applied(store, turn);
    const again = await applyOne(store, { ...turn, operation: { id: "turn-again", kind: "turn" } });
    assert.deepEqual(
      { outcome: again.outcome, reply: again.reply, resource: again.resource },
      { outcome: "replayed", reply: reply(), resource: begun },
    );
    const idempotency = reply({ key: "key-2" });
    const posted = (id: string) =>
      clientEvent("a", { event: "received", id, name: "approval", value: "1" }, { idempotency });
    const results = await store.apply([posted("m1"), posted("m2")]);
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ["applied", "replayed"],
    );
    assert.equal((await existing(store, "a")).operation.receivedCount, 1);
  },

  "still answers when the resource is deleted": async ({ store }) => {
    const accept = create("a", { type: "gadget", idempotency: reply() });
    await applied(store, accept);
    const cancelled = await applied(store, {
      ...clientEvent("a", { event: "cancel-requested" }),
      target: { type: "gadget", id: "a" },
    });
    await applied(store, change(cancelled, { id: "gone", kind: "delete" }));
    const again = await applyOne(store, { ...accept, operation: { ...accept.operation, id: "anew" } });
    assert.deepEqual({ outcome: again.outcome, reply: again.reply }, { outcome: "replayed", reply: reply() });
    assert.equal((await existing(store, "a", "gadget")).deletedAt, cancelled.updatedAt);
  },
};
