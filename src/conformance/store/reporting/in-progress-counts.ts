import assert from "node:assert/strict";
import type { TypeCount } from "../../../core/ports/reporting.ts";
import {
  applied,
  clientEvent,
  create,
  numbered,
  ready,
  reportingOf,
  running,
  workerEvent,
} from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

const sorted = (counts: readonly TypeCount[]): string[] =>
  counts.map(({ type, status, state, count }) => `${type} ${status} ${state} ${count}`).toSorted();

/** Tests of the counts of resources in progress. */
export const inProgressCountTests: StoreTests = {
  "counts what is in progress, by label and state": async ({ store }) => {
    assert.deepEqual(await reportingOf(store).inProgressCounts(), []);
    await store.apply(numbered(5).map((id) => create(id)));
    await applied(store, create("g", { type: "gadget" }));
    assert.deepEqual(sorted(await reportingOf(store).inProgressCounts()), [
      "gadget Making pending 1",
      "widget Making pending 5",
    ]);
    await applied(store, clientEvent("r0000", { event: "cancel-requested" }));
    await running(store, "a", { kinds: ["create"], free: 100 });
    await applied(
      store,
      workerEvent("r0001-create", { event: "progress", attempt: 1, sequence: 1, status: "Cutting" }),
    );
    assert.deepEqual(sorted(await reportingOf(store).inProgressCounts()), [
      "gadget Making pending 1",
      "widget Cutting running 1",
      "widget Making running 4",
    ]);
  },

  "counts the same after another opening": async ({ store, reopen }) => {
    await store.apply(numbered(5).map((id) => create(id)));
    await ready(store, "a");
    const counts = (await reportingOf(store).inProgressCounts()).reduce((sum, { count }) => sum + count, 0);
    assert.equal(counts, 5);
    const again = await reopen();
    assert.equal(
      (await reportingOf(again).inProgressCounts()).reduce((sum, { count }) => sum + count, 0),
      5,
    );
    await again.apply(numbered(5).map((id) => workerEvent(`${id}-create`, { event: "cancel-requested" })));
  },
};
