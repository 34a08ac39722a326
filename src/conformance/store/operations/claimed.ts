import assert from "node:assert/strict";
import type { TypeCount, UnclaimedPosition } from "../../../core/ports/store.ts";
import { applied, clientEvent, create, existing, numbered, ready, running, workerEvent } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

const sorted = (counts: readonly TypeCount[]): string[] =>
  counts.map(({ type, status, state, count }) => `${type} ${status} ${state} ${count}`).toSorted();

/** Tests of claimed and unclaimed operations, and of the counts of resources in progress. */
export const claimedTests: StoreTests = {
  "returns the operations that workers have claimed": async ({ store }) => {
    for (const id of ["a", "b", "c"]) await running(store, id, { worker: `w-${id}` });
    await applied(store, create("pending"));
    const claimedIds = async (...workers: string[]): Promise<string[]> =>
      (await store.claimedOperations(workers)).map(({ id }) => id).toSorted();
    assert.deepEqual((await store.claimedOperations()).map(({ id }) => id).toSorted(), ["a", "b", "c"]);
    assert.deepEqual(await claimedIds("w-a", "w-c", "unknown"), ["a", "c"]);
    assert.deepEqual(await claimedIds(), []);
    assert.deepEqual(await store.claimedOperations(["w-b"]), [await existing(store, "b")]);
    await applied(store, workerEvent("a-create", { event: "lost", attempt: 1 }));
    await applied(store, workerEvent("b-create", { event: "succeeded", attempt: 1, details: "{}" }));
    assert.deepEqual(
      (await store.claimedOperations()).map(({ id }) => id),
      ["c"],
    );
  },

  "returns the operations in progress that no worker has claimed, page by page": async ({ store }) => {
    await running(store, "held");
    await ready(store, "settled");
    await store.apply(numbered(5).map((id) => create(id)));
    await applied(store, create("g", { type: "gadget" }));
    const found: string[] = [];
    let after: UnclaimedPosition | undefined;
    do {
      const page = await store.unclaimedInProgress({
        types: ["widget", "none"],
        limit: 2,
        ...(after === undefined ? {} : { after }),
      });
      assert.ok(page.resources.length <= 2);
      for (const { id } of page.resources) found.push(id);
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(found.toSorted(), numbered(5));
    assert.deepEqual(await store.unclaimedInProgress({ types: [], limit: 10 }), { resources: [], next: undefined });
  },

  "counts what is in progress, by label and state": async ({ store }) => {
    assert.deepEqual(await store.counts(), []);
    await store.apply(numbered(5).map((id) => create(id)));
    await applied(store, create("g", { type: "gadget" }));
    assert.deepEqual(sorted(await store.counts()), ["gadget Making pending 1", "widget Making pending 5"]);
    await applied(store, clientEvent("r0000", { event: "cancel-requested" }));
    await running(store, "a", { kinds: ["create"], free: 100 });
    await applied(
      store,
      workerEvent("r0001-create", { event: "progress", attempt: 1, sequence: 1, status: "Cutting" }),
    );
    assert.deepEqual(sorted(await store.counts()), [
      "gadget Making pending 1",
      "widget Cutting running 1",
      "widget Making running 4",
    ]);
  },

  "counts the same after another opening": async ({ store, reopen }) => {
    await store.apply(numbered(5).map((id) => create(id)));
    await ready(store, "a");
    const counts = (await store.counts()).reduce((sum, { count }) => sum + count, 0);
    assert.equal(counts, 5);
    const again = await reopen();
    assert.equal(
      (await again.counts()).reduce((sum, { count }) => sum + count, 0),
      5,
    );
    await again.apply(numbered(5).map((id) => workerEvent(`${id}-create`, { event: "cancel-requested" })));
  },
};
