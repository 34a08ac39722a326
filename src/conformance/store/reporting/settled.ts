import assert from "node:assert/strict";
import type { SettledCount, SettledCountsQuery } from "../../../core/ports/statistics.ts";
import type { Store } from "../../../core/ports/store.ts";
import { reportingOf } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

const MINUTE = 60_000;

const count = (at: number, more: Partial<SettledCount> = {}): SettledCount => ({
  periodMs: MINUTE,
  at,
  type: "widget",
  kind: "create",
  outcome: "succeeded",
  bucket: 7,
  count: 1,
  ...more,
});

const EVERYTHING: SettledCountsQuery = { periodMs: MINUTE, from: 0, types: ["gadget", "widget"], pointMs: MINUTE };

/** Reads counts as texts `at outcome bucket count`, with instants in periods. */
async function read(store: Store, query: Partial<SettledCountsQuery> = {}): Promise<string[]> {
  const completeQuery = { ...EVERYTHING, ...query };
  const points = await reportingOf(store).settledCounts(completeQuery);
  return points.map(({ at, outcome, bucket, count: n }) => `${at / completeQuery.periodMs} ${outcome} ${bucket} ${n}`);
}

/** Tests of the counts of settled operations over time. */
export const settledTests: StoreTests = {
  "adds up what every process counted of a period": async ({ store, stores, reopen }) => {
    await Promise.all(
      stores.map((each) =>
        reportingOf(each).addSettledCounts([count(0), count(0, { count: 2 }), count(MINUTE), count(0, { bucket: 8 })]),
      ),
    );
    await reportingOf(store).addSettledCounts([count(0, { outcome: "failed" }), count(0, { periodMs: 900_000 })]);
    await reportingOf(store).addSettledCounts([]);
    const again = await reopen();
    const n = stores.length;
    assert.deepEqual(await read(again), [
      "0 failed 7 1",
      `0 succeeded 7 ${3 * n}`,
      `0 succeeded 8 ${n}`,
      `1 succeeded 7 ${n}`,
    ]);
    assert.deepEqual(await read(again, { from: 1 }), [`1 succeeded 7 ${n}`]);
    assert.deepEqual(await read(again, { periodMs: 900_000, pointMs: 900_000 }), ["0 succeeded 7 1"]);
  },

  "adds up the requested types, kinds and periods": async ({ store }) => {
    const kinds = ["create", "update"].flatMap((kind) => [0, 1, 2, 3].map((at) => count(at * MINUTE, { kind })));
    await reportingOf(store).addSettledCounts([...kinds, count(0, { type: "gadget" }), count(0, { type: "unknown" })]);
    assert.deepEqual(await read(store, { pointMs: 2 * MINUTE }), ["0 succeeded 7 5", "2 succeeded 7 4"]);
    assert.deepEqual(await read(store, { pointMs: 4 * MINUTE, kind: "update" }), ["0 succeeded 7 4"]);
    assert.deepEqual(await read(store, { types: ["gadget"] }), ["0 succeeded 7 1"]);
    assert.deepEqual(await read(store, { types: [] }), []);
  },

  "purges the oldest of each period length, a bounded step at a time": async ({ store }) => {
    const counts = Array.from({ length: 10 }, (_, index) => count(index * MINUTE));
    await reportingOf(store).addSettledCounts([...counts, count(0, { periodMs: 900_000 })]);
    const purge = (before: number): Promise<number> =>
      store.purge({
        deletedBefore: 0,
        historyBefore: 0,
        idempotencyBefore: 0,
        statisticsBefore: [
          { periodMs: MINUTE, before },
          { periodMs: 900_000, before: 0 },
        ],
        limit: 4,
      });
    assert.deepEqual([await purge(6 * MINUTE), await purge(6 * MINUTE), await purge(6 * MINUTE)], [4, 2, 0]);
    assert.deepEqual(
      (await read(store)).map((line) => line.split(" ")[0]),
      ["6", "7", "8", "9"],
    );
    assert.equal((await read(store, { periodMs: 900_000, pointMs: 900_000 })).length, 1);
  },
};
