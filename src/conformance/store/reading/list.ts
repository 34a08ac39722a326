import assert from "node:assert/strict";
import type { ListQuery, Store } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import { applied, clientEvent, change, create, numbered, running, workerEvent } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

async function pages(
  store: Store,
  query: ListQuery,
  between: () => Promise<unknown> = async () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let after: ListQuery["after"];
  for (;;) {
    const page: readonly Resource[] = await store.list({ ...query, ...(after === undefined ? {} : { after }) });
    assert.ok(page.length <= query.limit);
    ids.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (last === undefined || page.length < query.limit) return ids;
    after = { createdAt: last.createdAt, id: last.id };
    await between();
  }
}

/** Tests of pages of a collection. */
export const listTests: StoreTests = {
  "names every type that has resources, with its redacted fields": async ({ store, reopen }) => {
    assert.deepEqual(await store.types(), []);
    await store.apply([create("a"), create("b"), create("c", { type: "gadget" })]);
    const found = [
      { name: "gadget", redact: [] },
      { name: "widget", redact: [["secret"], ["database", "password"]] },
    ];
    assert.deepEqual(await store.types(), found);
    assert.deepEqual(await (await reopen()).types(), found);
  },

  "runs from the newest to the oldest, and by id within a millisecond": async ({ store }) => {
    await store.apply([
      create("b", { at: AT + 1 }),
      create("old"),
      create("c", { at: AT + 1 }),
      create("a", { at: AT + 1 }),
      create("new", { at: AT + 2 }),
    ]);
    const all = await store.list({ type: "widget", limit: 10 });
    assert.deepEqual(
      all.map(({ id }) => id),
      ["new", "c", "b", "a", "old"],
    );
    assert.deepEqual(all, await store.read(all));
    for (const limit of [1, 2, 3, 5]) {
      assert.deepEqual(await pages(store, { type: "widget", limit }), ["new", "c", "b", "a", "old"]);
    }
    assert.deepEqual(await store.list({ type: "gadget", limit: 10 }), []);
  },

  "shows every row that stays exactly once while others come and go": async ({ store }) => {
    const ids = numbered(100);
    await store.apply(ids.map((id, index) => create(id, { type: "gadget", at: AT + Math.floor(index / 3) })));
    let round = 0;
    const seen = await pages(store, { type: "gadget", limit: 7 }, async () => {
      if (round === 10) return;
      const deleted = ids[round * 10] ?? assert.fail();
      const cancelled = await applied(store, {
        ...clientEvent(deleted, { event: "cancel-requested" }),
        target: { type: "gadget", id: deleted },
      });
      await store.apply([
        change(cancelled, { id: `${deleted}-delete`, kind: "delete" }),
        create(`newer${round}`, { type: "gadget", at: AT + 500 }),
        create(`older${round}`, { type: "gadget", at: AT - 500 + round }),
      ]);
      round += 1;
    });
    assert.equal(new Set(seen).size, seen.length);
    const stayed = ids.filter((_, index) => index % 10 !== 0);
    const shown = new Set(seen);
    assert.deepEqual(
      stayed.filter((id) => !shown.has(id)),
      [],
    );
  },

  "leaves out what is deleted": async ({ store }) => {
    await store.apply(["a", "b"].map((id) => create(id, { type: "gadget" })));
    const cancelled = await applied(store, {
      ...clientEvent("a", { event: "cancel-requested" }),
      target: { type: "gadget", id: "a" },
    });
    await applied(store, change(cancelled, { id: "deleted", kind: "delete" }));
    assert.deepEqual(
      (await store.list({ type: "gadget", limit: 10 })).map(({ id }) => id),
      ["b"],
    );
  },

  "filters by owner and by label, on every page": async ({ store }) => {
    const ids = numbered(60);
    await store.apply(
      ids.map((id, index) => create(id, { at: AT + index, operation: { owner: index % 3 === 0 ? "team" : "other" } })),
    );
    await store.apply(
      ids.filter((_, index) => index % 2 === 0).map((id) => clientEvent(id, { event: "cancel-requested" })),
    );
    const chosen = (by: (index: number) => boolean): string[] => ids.filter((_, index) => by(index)).toReversed();
    const query = { type: "widget", limit: 4 };
    assert.deepEqual(
      await pages(store, { ...query, owner: "team" }),
      chosen((index) => index % 3 === 0),
    );
    assert.deepEqual(
      await pages(store, { ...query, statuses: ["Cancelled"] }),
      chosen((index) => index % 2 === 0),
    );
    assert.deepEqual(
      await pages(store, { ...query, owner: "team", statuses: ["Cancelled", "Ready"] }),
      chosen((index) => index % 6 === 0),
    );
    assert.deepEqual(
      await pages(store, { ...query, statuses: ["Making", "Cancelled"] }),
      chosen(() => true),
    );
    // More labels than a store may read at once.
    const unused = Array.from({ length: 250 }, (_, index) => `Unused ${index}`);
    assert.deepEqual(
      await pages(store, { ...query, statuses: ["Making", ...unused, "Cancelled"] }),
      chosen(() => true),
    );
    assert.deepEqual(await pages(store, { ...query, statuses: [] }), []);
    assert.deepEqual(await pages(store, { ...query, owner: "nobody" }), []);
  },

  "finds the few of a label among thousands": async ({ store }) => {
    const ids = numbered(4500);
    await store.apply(ids.map((id, index) => create(id, { at: AT + index })));
    const few = ids.filter((_, index) => index % 100 === 0 || [499, 2499, 2501, 4499].includes(index));
    await store.apply(few.map((id) => clientEvent(id, { event: "cancel-requested" })));
    for (const limit of [7, 25, 200]) {
      assert.deepEqual(await pages(store, { type: "widget", statuses: ["Cancelled"], limit }), few.toReversed());
    }
  },

  "shows the label that work reports": async ({ store }) => {
    await running(store, "a");
    await applied(store, workerEvent("a-create", { event: "progress", attempt: 1, sequence: 1, status: "Painting" }));
    assert.equal((await store.list({ type: "widget", statuses: ["Painting"], limit: 10 })).length, 1);
    assert.equal((await store.list({ type: "widget", statuses: ["Making"], limit: 10 })).length, 0);
  },
};
