import assert from "node:assert/strict";
import type { FindQuery } from "../../../core/ports/finding.ts";
import type { Store } from "../../../core/ports/store.ts";
import {
  applied,
  change,
  clientEvent,
  create,
  existing,
  numbered,
  ready,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** Resolves to the ids of all pages. A page may be short. */
async function found(store: Store, query: Omit<FindQuery, "type">): Promise<string[]> {
  const ids: string[] = [];
  let after: FindQuery["after"];
  for (;;) {
    const page = await store.find?.({ type: "widget", ...query, ...(after === undefined ? {} : { after }) });
    assert.ok(page !== undefined && page.resources.length <= query.limit);
    ids.push(...page.resources.map(({ id }) => id));
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

async function annotate(store: Store, id: string, metadata: string | null, at = AT): Promise<void> {
  const { creation, edit } = await existing(store, id);
  await applied(store, clientEvent(id, { event: "annotated", creation, edit, metadata }, { at }));
}

/** Tests of lists by metadata and by change. */
export const findTests: StoreTests = {
  "ends a page of large resources early": async ({ store }) => {
    const configuration = JSON.stringify("x".repeat(1_000_000));
    const metadata = '{"a":"b"}';
    const ids = numbered(7);
    for (const id of ids) await applied(store, create(id, { operation: { configuration, metadata } }));
    for (const query of [{ metadata: { a: "b" } }, { updatedAfter: 0 }]) {
      const page = await store.find?.({ type: "widget", ...query, limit: 7 });
      assert.ok(page !== undefined && page.resources.length < 7 && page.next !== undefined, JSON.stringify(query));
      assert.deepEqual((await found(store, { ...query, limit: 7 })).toSorted(), ids.toSorted());
    }
  },

  "takes ids, owners, labels, pairs and positions as values, whatever SQL they contain": async ({ store }) => {
    const sql = `x' or 1=1) --"; \\' $1 %_ ?`;
    const metadata = JSON.stringify({ [sql]: sql });
    await store.apply([create(sql, { operation: { owner: sql, metadata } }), create("other", { at: AT + 1 })]);
    assert.deepEqual(await found(store, { metadata: { [sql]: sql }, owner: sql, limit: 10 }), [sql]);
    const statuses = ["Making", sql];
    const list = { type: "widget", limit: 10 };
    const idsOf = async (query: object): Promise<string[]> =>
      (await store.list({ ...list, ...query })).map(({ id }) => id);
    assert.deepEqual(await idsOf({ owner: sql }), [sql]);
    assert.deepEqual(await idsOf({ owner: sql, statuses }), [sql]);
    for (const query of [
      { type: sql },
      { owner: `${sql} ` },
      { statuses: [sql] },
      { parent: { type: sql, id: sql } },
      { after: { createdAt: 0, id: sql } },
    ]) {
      assert.deepEqual(await idsOf(query), [], JSON.stringify(query));
    }
    for (const query of [
      { metadata: { [sql]: "x" } },
      { metadata: { "'": sql } },
      { metadata: { [sql]: sql }, statuses: [sql] },
    ]) {
      assert.deepEqual(await found(store, { ...query, limit: 10 }), [], JSON.stringify(query));
    }
    assert.equal((await existing(store, sql)).owner, sql);
  },

  "finds all pairs of a query, the newest first, for one owner or all": async ({ store }) => {
    const ids = numbered(60);
    await store.apply(
      ids.map((id, index) => {
        const metadata = JSON.stringify({ all: "x", even: String(index % 2), third: String(index % 3) });
        return create(id, { at: AT + Math.floor(index / 4), operation: { owner: `team ${index % 5}`, metadata } });
      }),
    );
    await store.apply([create("none"), create("other", { type: "gadget", operation: { metadata: '{"all":"x"}' } })]);
    const chosen = (by: (index: number) => boolean): string[] => ids.filter((_, index) => by(index)).toReversed();
    for (const limit of [1, 7, 60, 100]) {
      assert.deepEqual(
        await found(store, { metadata: { all: "x" }, limit }),
        chosen(() => true),
      );
      const third = { metadata: { all: "x", third: "2" }, limit };
      assert.deepEqual(
        await found(store, third),
        chosen((index) => index % 3 === 2),
      );
      assert.deepEqual(
        await found(store, { ...third, owner: "team 2" }),
        chosen((index) => index % 15 === 2),
      );
    }
    await store.apply([clientEvent(ids[8] ?? "", { event: "cancel-requested" })]);
    const cancelled = { metadata: { even: "0" }, statuses: ["Cancelled"], limit: 5 };
    assert.deepEqual(await found(store, cancelled), [ids[8]]);
    assert.deepEqual(await found(store, { metadata: { all: "y" }, limit: 5 }), []);
    assert.deepEqual(await found(store, { metadata: { all: "x" }, owner: "nobody", limit: 5 }), []);
  },

  "examines a limited number of rows for a page, and finds the few of two frequent pairs": async ({ store }) => {
    const ids = numbered(2400);
    const of = (index: number): string => JSON.stringify({ a: String(index % 2), b: index === 1201 ? "1" : "2" });
    await store.apply(ids.map((id, index) => create(id, { at: AT + index, operation: { metadata: of(index) } })));
    assert.deepEqual(await found(store, { metadata: { a: "1", b: "1" }, limit: 10 }), ["r1201"]);
    const labelled = { metadata: { a: "1" }, statuses: ["Ready"], limit: 10 };
    const first = await store.find?.({ type: "widget", ...labelled });
    assert.deepEqual([first?.resources.length, first?.next === undefined], [0, false]);
    assert.deepEqual(await found(store, labelled), []);
    assert.equal((await found(store, { metadata: { a: "0", b: "2" }, limit: 50 })).length, 1200);
  },

  "follows changes of metadata, deletion, and another creation under the same id": async ({ store, reopen }) => {
    const by = async (metadata: Record<string, string>, from = store): Promise<string[]> =>
      found(from, { metadata, limit: 10 });
    await store.apply([create("a", { operation: { metadata: '{"k":"1","m":"1"}', owner: "first" } }), create("b")]);
    assert.deepEqual(await by({ k: "1" }), ["a"]);
    await annotate(store, "a", '{"k":"2"}');
    await annotate(store, "b", '{"k":"2"}');
    assert.deepEqual([await by({ k: "1" }), await by({ m: "1" }), await by({ k: "2" })], [[], [], ["b", "a"]]);
    await annotate(store, "b", null);
    assert.deepEqual(await by({ k: "2" }), ["a"]);
    assert.equal((await existing(store, "a")).metadata, '{"k":"2"}');

    await running(store, "c");
    await applied(store, workerEvent("c-create", { event: "succeeded", attempt: 1, details: "{}" }));
    await annotate(store, "c", '{"k":"2"}');
    const gone = await applied(store, change(await existing(store, "c"), { id: "c-delete", kind: "delete" }));
    await store.claim([{ worker: "w", claim: 9, slots: [{ type: "widget", kinds: ["delete"], free: 1 }], at: AT }]);
    const again = create("c", { operation: { id: "c-again", owner: "second", metadata: '{"k":"2"}' } });
    const [deleted, created] = await store.apply([
      workerEvent(gone.operation.id, { event: "succeeded", attempt: 1, details: "{}" }),
      again,
    ]);
    assert.deepEqual([deleted?.outcome, deleted?.resource?.metadata, created?.outcome], ["applied", null, "applied"]);
    assert.deepEqual(await found(store, { metadata: { k: "2" }, owner: "second", limit: 9 }), ["c"]);
    assert.deepEqual(await by({ k: "2" }), ["c", "a"]);
    assert.deepEqual(await by({ k: "2" }, await reopen()), ["c", "a"]);
  },

  "lists what has changed since an instant, the oldest change first": async ({ store }) => {
    await store.apply(["a", "b", "c", "d"].map((id, index) => create(id, { at: AT + index })));
    for (const limit of [1, 2, 10]) {
      assert.deepEqual(await found(store, { updatedAfter: AT, limit }), ["b", "c", "d"]);
    }
    await store.apply([clientEvent("b", { event: "cancel-requested" }, { at: AT + 10 })]);
    await annotate(store, "a", '{"k":"1"}', AT + 20);
    assert.deepEqual(await found(store, { updatedAfter: AT - 1, limit: 1 }), ["c", "d", "b", "a"]);
    assert.deepEqual(await found(store, { updatedAfter: AT + 3, limit: 10 }), ["b", "a"]);
    assert.deepEqual(await found(store, { updatedAfter: AT, metadata: { k: "1" }, limit: 1 }), ["a"]);
    assert.deepEqual(await found(store, { updatedAfter: AT, statuses: ["Cancelled"], limit: 1 }), ["b"]);
    assert.deepEqual(await found(store, { updatedAfter: AT, owner: "nobody", limit: 1 }), []);
    const { operation } = await ready(store, "e");
    assert.deepEqual((await found(store, { updatedAfter: AT - 1, limit: 9 })).includes("e"), true);
    await applied(
      store,
      change(await existing(store, "e"), { id: `${operation.id}-delete`, kind: "delete" }, { at: AT + 30 }),
    );
    assert.deepEqual(await found(store, { updatedAfter: AT + 29, limit: 9 }), ["e"]);
  },
};
