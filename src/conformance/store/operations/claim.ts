import assert from "node:assert/strict";
import type { ClaimRequest } from "../../../core/ports/store.ts";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  claimAll,
  create,
  existing,
  idsOf,
  numbered,
  ready,
  running,
  workerEvent,
  spread,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

const claiming = (worker: string, free: number): ClaimRequest => ({
  worker,
  claim: 1,
  slots: [{ type: "widget", kinds: ["create"], free }],
  at: AT,
});

/** Tests of claims: each due operation is granted to one worker. */
export const claimTests: StoreTests = {
  "gives each operation to one of many workers that race for it": async ({ store, stores }) => {
    const ids = numbered(100);
    await store.apply(ids.map((id) => create(id)));
    const workers = numbered(40, "w");
    const grants = await spread(
      stores,
      workers,
      async (each, worker) => (await each.claim([claiming(worker, 4)]))[0] ?? [],
    );
    assert.ok(grants.every((granted) => granted.length <= 4));
    assert.deepEqual(idsOf(grants.flat()).toSorted(), ids);
    for (const [index, granted] of grants.entries()) {
      for (const { resource } of granted) {
        assert.deepEqual(
          { worker: resource.operation.worker, attempt: resource.operation.attempt },
          { worker: workers[index], attempt: 1 },
        );
        assert.deepEqual(await existing(store, resource.id), resource);
      }
    }
  },

  "hands out no more at once than a reply may hold, and the rest to the next claim": async ({ store }) => {
    const configuration = (size: number): string => JSON.stringify({ text: "x".repeat(size) });
    for (const id of numbered(6)) {
      await applied(store, create(id, { operation: { configuration: configuration(3e6) } }));
    }
    // A single operation is granted whatever its size.
    const large = { configuration: configuration(9e6), availableAt: AT + 1 };
    await applied(store, create("large", { operation: large }));
    const grants: string[][] = [];
    for (let claim = 1; claim <= 4; claim++) grants.push(idsOf(await claimAll(store, { claim, at: AT + 1 })));
    const ids = numbered(6);
    assert.deepEqual(grants, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4, 6), ["large"]]);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 4, at: AT + 1 })), ["large"]);
  },

  "hands out the oldest due first, over all kinds, and none before it is due": async ({ store }) => {
    const settled = await ready(store, "turning");
    await applied(store, change(settled, { id: "turn", kind: "turn" }, { at: AT + 20 }));
    for (const [id, availableAt] of [
      ["later", AT + 100],
      ["third", AT + 30],
      ["first", AT + 10],
    ] as const) {
      await applied(store, create(id, { operation: { availableAt } }));
    }
    const granted = await claimAll(store, { at: AT + 50 });
    assert.deepEqual(idsOf(granted), ["first", "turning", "third"]);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 2, at: AT + 99 })), []);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 3, at: AT + 100 })), ["later"]);
  },

  "keeps to the types, kinds and slots that a worker names": async ({ store }) => {
    const settled = await ready(store, "turning");
    await store.apply([
      change(settled, { id: "turn", kind: "turn" }),
      create("a"),
      create("b"),
      create("g", { type: "gadget" }),
    ]);
    assert.deepEqual(idsOf(await claimAll(store, { kinds: ["turn", "delete"] })), ["turning"]);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 2, free: 1 })), ["a"]);
    const slots = [
      { type: "gadget", kinds: ["create"], free: 5 },
      { type: "widget", kinds: ["create"], free: 5 },
    ];
    const [granted] = await store.claim([{ worker: "worker", claim: 3, slots, at: AT }]);
    assert.deepEqual(idsOf(granted ?? []), ["g", "b"]);
    assert.deepEqual(await claimAll(store, { claim: 4, free: 0 }), []);
    assert.deepEqual(await store.claim([{ worker: "worker", claim: 5, slots: [], at: AT }]), [[]]);
  },

  "gives the same grant to the same claim, and an older claim nothing new": async ({ store }) => {
    await store.apply([create("a"), create("b"), create("c")]);
    const granted = await claimAll(store, { claim: 7, free: 2 });
    assert.deepEqual(idsOf(granted), ["a", "b"]);
    assert.deepEqual(await claimAll(store, { claim: 7, free: 2 }), granted);
    assert.deepEqual(await claimAll(store, { claim: 6 }), []);
    await applied(store, workerEvent("a-create", { event: "succeeded", attempt: 1, details: "{}" }));
    assert.deepEqual(idsOf(await claimAll(store, { claim: 7, free: 2 })), ["b"]);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 8 })), ["c"]);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 7, worker: "another" })), []);
  },

  "answers an empty claim alike when it is repeated": async ({ store }) => {
    assert.deepEqual(await claimAll(store, { claim: 1 }), []);
    await applied(store, create("a"));
    assert.deepEqual(await claimAll(store, { claim: 1 }), []);
    assert.deepEqual(idsOf(await claimAll(store, { claim: 2 })), ["a"]);
  },

  "gives the records and messages of the operation with it": async ({ store }) => {
    await running(store, "a");
    await store.apply([
      workerEvent("a-create", { event: "recorded", attempt: 1, step: "z", state: "done", result: "1", undo: false }),
      workerEvent("a-create", { event: "recorded", attempt: 1, step: "a", state: "started", undo: true }),
      clientEvent("a", { event: "received", id: "m1", name: "approval", value: '{"by":"x"}' }),
      clientEvent("a", { event: "received", id: "m0", name: "approval", value: '{"by":"y"}' }),
      workerEvent("a-create", { event: "handed-back", attempt: 1 }),
    ]);
    const [granted] = await claimAll(store, { claim: 2 });
    assert.deepEqual(
      granted?.records.map(({ step, state, position }) => [step, state, position]),
      [
        ["z", "done", 1],
        ["a", "started", 2],
      ],
    );
    assert.deepEqual(
      granted.received.map(({ id, position, value }) => [id, position, value]),
      [
        ["m1", 1, '{"by":"x"}'],
        ["m0", 2, '{"by":"y"}'],
      ],
    );
  },

  "hands out again what was given up, waited for or is to be undone": async ({ store }) => {
    await running(store, "a");
    const error = { code: "work-failed", title: "Work failed", detail: "Out of luck.", retryable: true };
    const failed = await applied(store, workerEvent("a-create", { event: "failed", attempt: 1, error }));
    const dueAt = failed.operation.dueAt ?? assert.fail("it may be retried");
    assert.ok(dueAt > AT);
    const [second] = await claimAll(store, { claim: 2, at: dueAt });
    assert.equal(second?.resource.operation.attempt, 2);
    await applied(
      store,
      workerEvent("a-create", { event: "recorded", attempt: 2, step: "s", state: "done", undo: true }, dueAt),
    );
    await applied(
      store,
      workerEvent("a-create", { event: "waiting", attempt: 2, until: dueAt + 5, receivedSeen: 0 }, dueAt),
    );
    const [third] = await claimAll(store, { claim: 3, at: dueAt + 5 });
    assert.equal(third?.resource.operation.state, "running");
    await applied(
      store,
      workerEvent("a-create", { event: "failed", attempt: 3, error: { ...error, retryable: false } }, dueAt + 5),
    );
    const [fourth] = await claimAll(store, { claim: 4, at: dueAt + 5 });
    assert.deepEqual(
      { state: fourth?.resource.operation.state, attempt: fourth?.resource.operation.attempt },
      { state: "undoing", attempt: 4 },
    );
  },

  "gives a cancel that races a claim one clear outcome": async ({ store, stores }) => {
    const ids = numbered(40);
    await store.apply(ids.map((id) => create(id)));
    const claims = spread(
      stores,
      numbered(20, "w"),
      async (each, worker) => (await each.claim([claiming(worker, 2)]))[0] ?? [],
    );
    await spread(stores.toReversed(), ids, (each, id) =>
      applyOne(each, clientEvent(id, { event: "cancel-requested" })),
    );
    const granted = new Set(idsOf((await claims).flat()));
    for (const id of ids) {
      const { operation } = await existing(store, id);
      assert.deepEqual(
        [id, operation.state, operation.attempt],
        granted.has(id) ? [id, "cancelling", 1] : [id, "cancelled", 0],
      );
    }
  },

  "tells when the next operation is due": async ({ store }) => {
    const slots = [{ type: "widget", kinds: ["create", "turn"] }];
    assert.equal(await store.nextDueAt(slots), undefined);
    await store.apply([
      create("a", { operation: { availableAt: AT + 70 } }),
      create("b", { operation: { availableAt: AT + 50 } }),
    ]);
    assert.equal(await store.nextDueAt(slots), AT + 50);
    assert.equal(
      await store.nextDueAt([
        { type: "widget", kinds: ["turn"] },
        { type: "gadget", kinds: ["create"] },
      ]),
      undefined,
    );
    await claimAll(store, { at: AT + 60 });
    assert.equal(await store.nextDueAt(slots), AT + 70);
  },
};
