import assert from "node:assert/strict";
import type { Resource } from "../../../core/resource.ts";
import {
  applied,
  applyOne,
  clientEvent,
  change,
  create,
  existing,
  numbered,
  readOne,
  ready,
  running,
  workerEvent,
  spread,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** Tests of accepting operations. */
export const acceptTests: StoreTests = {
  "stores a resource with its operation, as applied": async ({ store }) => {
    const operation = {
      configuration: '{ "größe":1e2, "a":"\\u0000\\ud800 ☂ \u{1F600}" ,"b":[null]}',
      rawConfiguration: '{"a":"as sent"}',
      input: '{"force":true}',
      owner: "team ä",
      principal: '{"id":"ann","roles":["a b"]}',
      availableAt: AT + 5000,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    const resource = await applied(store, create("a", { operation }));
    assert.equal(resource.operation.dueAt, AT + 5000);
    assert.deepEqual(await store.read([{ type: "widget", id: "a" }]), [resource]);
    assert.deepEqual(await store.readByOperation(["a-create"]), [resource]);
    assert.deepEqual(
      {
        configuration: resource.configuration,
        rawConfiguration: resource.rawConfiguration,
        input: resource.operation.input,
        owner: resource.owner,
        principal: resource.operation.principal,
      },
      {
        configuration: operation.configuration,
        rawConfiguration: operation.rawConfiguration,
        input: operation.input,
        owner: operation.owner,
        principal: operation.principal,
      },
    );
  },

  "reads undefined for what is not there, in its position": async ({ store }) => {
    const resource = await applied(store, create("a"));
    const keys = [{ type: "widget", id: "b" }, resource, { type: "gadget", id: "a" }];
    assert.deepEqual(await store.read(keys), [undefined, resource, undefined]);
    assert.deepEqual(await store.readByOperation(["no", "a-create"]), [undefined, resource]);
    assert.deepEqual(await store.read([]), []);
    assert.deepEqual(await store.apply([]), []);
  },

  "changes nothing when repeated": async ({ store }) => {
    const resource = await applied(store, create("a"));
    const again = await applyOne(store, create("a", { at: AT + 1 }));
    assert.deepEqual(again, { outcome: "unchanged", resource });
    assert.equal((await store.history({ key: resource, limit: 10 })).length, 1);
  },

  "refuses a create where a resource is, and gives it": async ({ store }) => {
    const resource = await applied(store, create("a"));
    const refused = await applyOne(store, create("a", { operation: { id: "other" } }));
    assert.deepEqual(refused, { outcome: "refused", code: "resource-exists", resource });
  },

  "lets one of many racing creates of an id win": async ({ store, stores }) => {
    const results = await spread(stores, numbered(50), (each, id) =>
      applyOne(each, create("a", { operation: { id } })),
    );
    const won = results.filter(({ outcome }) => outcome === "applied");
    assert.equal(won.length, 1);
    assert.equal(results.filter(({ code }) => code === "resource-exists").length, 49);
    assert.deepEqual(await existing(store, "a"), won[0]?.resource);
  },

  "lets one of two batches that race for some of the same ids win each": async ({ store, stores }) => {
    // The first insert of a store may take a different path.
    await Promise.all(stores.map((each, position) => applied(each, create(`before-${position}`))));
    for (const round of numbered(10, "r")) {
      const ids = numbered(30, `${round}-`);
      const batches = [ids.slice(0, 20), ids.slice(10).toReversed()];
      const results = await Promise.all(
        batches.map((batch, position) =>
          (stores[position] ?? store).apply(
            batch.map((id) => create(id, { operation: { id: `${id}-by-${position}` } })),
          ),
        ),
      );
      const made = results.flat().filter(({ outcome }) => outcome === "applied");
      assert.deepEqual(new Set(made.map(({ resource }) => resource?.id)), new Set(ids));
      assert.equal(made.length, 30);
      const refused = results.flat().filter(({ code }) => code === "resource-exists");
      assert.equal(refused.length, 10);
      for (const { resource } of [...made, ...refused]) {
        const { id } = resource ?? assert.fail();
        assert.deepEqual(await existing(store, id), resource);
        const history = await store.history({ key: { type: "widget", id }, limit: 10 });
        assert.deepEqual(
          history.map(({ operation }) => operation),
          [resource?.creation],
        );
      }
    }
  },

  "answers each create of a batch by what is there of it already": async ({ store }) => {
    const settled = await ready(store, "settled");
    const changing = await applied(store, change(settled, { id: "update", kind: "update", configuration: "{}" }));
    const there = await applied(store, create("there"));
    const resource = (id: string): Promise<Resource> => existing(store, id);
    assert.deepEqual(await store.apply([create("a"), create("there", { operation: { id: "other" } }), create("b")]), [
      { outcome: "applied", resource: await resource("a") },
      { outcome: "refused", code: "resource-exists", resource: there },
      { outcome: "applied", resource: await resource("b") },
    ]);
    assert.deepEqual(await store.apply([create("there"), create("c"), create("settled")]), [
      { outcome: "unchanged", resource: there },
      { outcome: "applied", resource: await resource("c") },
      { outcome: "unchanged", resource: changing },
    ]);
    assert.deepEqual(await store.apply([create("d"), create("d", { operation: { id: "second" } }), create("d")]), [
      { outcome: "applied", resource: await resource("d") },
      { outcome: "refused", code: "resource-exists", resource: await resource("d") },
      { outcome: "unchanged", resource: await resource("d") },
    ]);
    for (const key of await store.read(["there", "a", "b", "c", "d"].map((id) => ({ type: "widget", id })))) {
      assert.equal((await store.history({ key: key ?? assert.fail(), limit: 10 })).length, 1);
    }
  },

  "distinguishes ids by their exact characters": async ({ store }) => {
    const ids = ["a", "A", "a ", "ä", "a\u0308", "%", "_", "'", "a/b", "\u{1F600}", "é".repeat(200)];
    await store.apply(ids.map((id) => create(id)));
    const rows = await store.read(ids.map((id) => ({ type: "widget", id })));
    assert.deepEqual(
      rows.map((row) => row?.id),
      ids,
    );
  },

  "begins an operation only where none is in progress, and the row is the one that was read": async ({ store }) => {
    const busy = await running(store, "busy");
    const update = { id: "update", kind: "update", configuration: '{"size":2}' };
    assert.equal((await applyOne(store, change(busy, update))).code, "operation-in-progress");
    const settled = await ready(store, "settled");
    assert.equal((await applyOne(store, change({ ...settled, edit: settled.edit - 1 }, update))).code, "edit-mismatch");
    assert.equal((await applyOne(store, change({ ...settled, creation: "another" }, update))).code, "edit-mismatch");
    assert.equal((await applyOne(store, change({ ...settled, id: "unknown" }, update))).code, "resource-not-found");
    assert.equal((await applied(store, change(settled, update))).status, "Changing");
    assert.deepEqual((await existing(store, "settled")).operation.configuration, '{"size":2}');
  },

  "keeps a deleted resource as such, and lets its id be used anew": async ({ store }) => {
    const settled = await ready(store, "a");
    const { operation } = await applied(store, change(settled, { id: "a-delete", kind: "delete" }));
    await store.claim([{ worker: "w", claim: 1, slots: [{ type: "widget", kinds: ["delete"], free: 1 }], at: AT }]);
    const gone = await applied(store, workerEvent(operation.id, { event: "succeeded", attempt: 1, details: "{}" }));
    assert.equal(gone.deletedAt, AT);
    assert.deepEqual(await existing(store, "a"), gone);
    assert.equal((await applyOne(store, clientEvent("a", { event: "cancel-requested" }))).code, "resource-not-found");
    const anew = await applied(store, create("a", { at: AT + 1, operation: { id: "second" } }));
    assert.notEqual(anew.creation, gone.creation);
    assert.ok(anew.version > gone.version);
    assert.deepEqual(await readOne(store, "a"), anew);
  },

  "deletes at once where no work is declared for it": async ({ store }) => {
    const made = await applied(store, create("a", { type: "gadget" }));
    await store.claim([{ worker: "w", claim: 1, slots: [{ type: "gadget", kinds: ["create"], free: 1 }], at: AT }]);
    const settled = await applied(
      store,
      workerEvent(made.operation.id, { event: "succeeded", attempt: 1, details: "{}" }),
    );
    const gone = await applied(store, change(settled, { id: "a-delete", kind: "delete" }));
    assert.equal(gone.deletedAt, AT);
    assert.deepEqual(await store.list({ type: "gadget", limit: 10 }), []);
  },
};
