import assert from "node:assert/strict";
import type { UnclaimedPosition } from "../../../core/ports/store.ts";
import { applied, create, existing, numbered, ready, running, workerEvent } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

/** Tests of claimed and unclaimed operations. */
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
};
