import assert from "node:assert/strict";
import { type SearchPosition, type SearchQuery, SEARCH_BATCH } from "../../../core/ports/reporting.ts";
import type { Store } from "../../../core/ports/store.ts";
import {
  applied,
  clientEvent,
  change,
  create,
  numbered,
  running,
  workerEvent,
  reportingOf,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";
import { AT } from "../fixture/types.ts";

/** Reads page after page. Returns the found resources and the number of pages. */
async function found(store: Store, query: SearchQuery): Promise<{ readonly ids: string[]; readonly pages: number }> {
  const ids: string[] = [];
  let after: SearchPosition | undefined;
  for (let pages = 1; ; pages++) {
    const page = await reportingOf(store).search({ ...query, ...(after === undefined ? {} : { after }) });
    assert.ok(page.resources.length <= query.limit);
    ids.push(...page.resources.map(({ type, id }) => `${type}/${id}`));
    if (page.next === undefined) return { ids, pages };
    assert.notDeepEqual(page.next, after);
    after = page.next;
  }
}

const BOTH = [{ types: ["widget", "gadget"] }];
const TEAMS = [{ types: ["widget", "gadget"], owner: "team" }];

/** Tests of pages of several types, and of searches for a text. */
export const searchTests: StoreTests = {
  "merges types by their creation, the newest first, and pages between equal instants": async ({ store }) => {
    await store.apply([
      create("a", { at: AT }),
      create("b", { at: AT + 1 }),
      create("b", { type: "gadget", at: AT + 1, operation: { id: "gadget-b" } }),
      create("c", { type: "gadget", at: AT + 1 }),
      create("d", { type: "gadget", at: AT + 2 }),
    ]);
    const all = ["gadget/d", "gadget/c", "widget/b", "gadget/b", "widget/a"];
    for (const limit of [1, 2, 3, 4, 5, 10]) {
      assert.deepEqual((await found(store, { scopes: BOTH, limit })).ids, all);
    }
    assert.equal(
      (await reportingOf(store).search({ scopes: BOTH, limit: 5 })).next,
      undefined,
      "no page without anything",
    );
    assert.deepEqual((await found(store, { scopes: [{ types: ["gadget"] }], limit: 2 })).ids, [
      "gadget/d",
      "gadget/c",
      "gadget/b",
    ]);
    assert.deepEqual((await found(store, { scopes: [{ types: [] }], limit: 2 })).ids, []);
    const rows = (await reportingOf(store).search({ scopes: BOTH, limit: 10 })).resources;
    assert.deepEqual(rows, await store.read(rows));
  },

  "filters by labels and owner in all types": async ({ store }) => {
    const ids = numbered(40);
    await store.apply(
      ids.map((id, index) =>
        create(id, {
          type: index % 2 === 0 ? "widget" : "gadget",
          at: AT + index,
          operation: { owner: index % 4 < 2 ? "team" : "other" },
        }),
      ),
    );
    for (const [index, id] of ids.entries()) {
      const type = index % 2 === 0 ? "widget" : "gadget";
      if (index % 5 === 0) {
        await applied(store, { ...clientEvent(id, { event: "cancel-requested" }), target: { type, id } });
      }
    }
    const chosen = (by: (index: number) => boolean): string[] =>
      ids
        .map((id, index) => ({ name: `${index % 2 === 0 ? "widget" : "gadget"}/${id}`, index }))
        .filter(({ index }) => by(index))
        .map(({ name }) => name)
        .toReversed();
    const query = { scopes: BOTH, limit: 3 };
    assert.deepEqual(
      (await found(store, { ...query, statuses: ["Cancelled"] })).ids,
      chosen((index) => index % 5 === 0),
    );
    assert.deepEqual(
      (await found(store, { ...query, scopes: TEAMS, statuses: ["Cancelled", "Making"] })).ids,
      chosen((index) => index % 4 < 2),
    );
    assert.deepEqual(
      (await found(store, { ...query, scopes: TEAMS, statuses: ["Cancelled"] })).ids,
      chosen((index) => index % 4 < 2 && index % 5 === 0),
    );
    const mixed = [{ types: ["gadget"] }, { types: ["widget"], owner: "team" }];
    assert.deepEqual(
      (await found(store, { ...query, scopes: mixed })).ids,
      chosen((index) => index % 2 === 1 || index % 4 < 2),
    );
    assert.deepEqual((await found(store, { ...query, statuses: [] })).ids, []);
  },

  "finds a text in id, configuration, details and error, letters in either case": async ({ store }) => {
    await store.apply([
      create("Needle-1", { at: AT }),
      create("b", { at: AT + 1, operation: { configuration: '{"name":"a NEEDLE in hay"}' } }),
      create("c", { at: AT + 2, operation: { configuration: '{"name":"50% of_all"}' } }),
      create("d", { at: AT + 3 }),
    ]);
    await running(store, "e");
    await applied(
      store,
      workerEvent("e-create", { event: "progress", attempt: 1, sequence: 1, details: '{"found":"needle"}' }),
    );
    const ids = async (text: string): Promise<string[]> =>
      (await found(store, { scopes: BOTH, limit: 10, text })).ids.toSorted();
    assert.deepEqual(await ids("needle"), ["widget/Needle-1", "widget/b", "widget/e"]);
    assert.deepEqual(await ids("50% of_"), ["widget/c"]);
    assert.deepEqual(await ids("5_%"), []);
    assert.deepEqual(await ids("nowhere"), []);
  },

  "reads a bounded number of resources for a text, and continues from there": async ({ store }) => {
    const ids = numbered(SEARCH_BATCH + 700);
    await store.apply(
      ids.map((id, index) =>
        create(id, {
          type: index % 3 === 0 ? "gadget" : "widget",
          at: AT + Math.floor(index / 2),
          operation: { configuration: index % 400 === 7 ? '{"name":"pearl"}' : "{}" },
        }),
      ),
    );
    const pearls = ids
      .map((id, index) => [index, `${index % 3 === 0 ? "gadget" : "widget"}/${id}`] as const)
      .filter(([index]) => index % 400 === 7)
      .map(([, name]) => name)
      .toReversed();
    for (const limit of [2, 50]) {
      const { ids: seen, pages } = await found(store, { scopes: BOTH, limit, text: "pearl" });
      assert.deepEqual(seen, pearls);
      assert.ok(pages >= 2, `${pages} pages`);
    }
  },

  "counts by label up to the maximum, without deleted resources": async ({ store }) => {
    const ids = numbered(12);
    await store.apply(ids.map((id, index) => create(id, { operation: { owner: index < 5 ? "team" : "other" } })));
    await store.apply(["x", "y"].map((id) => create(id, { type: "gadget" })));
    await store.apply(ids.slice(0, 3).map((id) => clientEvent(id, { event: "cancel-requested" })));
    const cancelled = await applied(store, {
      ...clientEvent("x", { event: "cancel-requested" }),
      target: { type: "gadget", id: "x" },
    });
    await applied(store, change(cancelled, { id: "gone", kind: "delete" }));
    const counts = async (query: { owner?: string; max: number }): Promise<string[]> =>
      (await reportingOf(store).statusCounts({ types: ["gadget", "widget", "unknown"], ...query }))
        .map(({ type, status, count }) => `${type} ${status} ${count}`)
        .toSorted();
    assert.deepEqual(await counts({ max: 100 }), ["gadget Making 1", "widget Cancelled 3", "widget Making 9"]);
    assert.deepEqual(await counts({ max: 4 }), ["gadget Making 1", "widget Cancelled 3", "widget Making 4"]);
    assert.deepEqual(await counts({ max: 100, owner: "team" }), ["widget Cancelled 3", "widget Making 2"]);
    assert.deepEqual(await reportingOf(store).statusCounts({ types: [], max: 10 }), []);
  },
};
