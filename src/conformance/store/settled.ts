import assert from "node:assert/strict";
import type { SettledCount } from "../../core/store.ts";
import type { StoreTests } from "./stage.ts";

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

/** Counts of settled operations over time. */
export const settledTests: StoreTests = {
  "adds up what every process counted of a period": async ({ store, stores, reopen }) => {
    await Promise.all(
      stores.map((each) => each.addSettled([count(0), count(0, { count: 2 }), count(MINUTE), count(0, { bucket: 8 })])),
    );
    await store.addSettled([count(0, { outcome: "failed" }), count(0, { periodMs: 900_000 })]);
    await store.addSettled([]);
    const again = await reopen();
    const n = stores.length;
    assert.deepEqual(await again.settled({ periodMs: MINUTE, from: 0 }), [
      count(0, { outcome: "failed" }),
      count(0, { count: 3 * n }),
      count(0, { bucket: 8, count: n }),
      count(MINUTE, { count: n }),
    ]);
    assert.deepEqual(await again.settled({ periodMs: MINUTE, from: 1 }), [count(MINUTE, { count: n })]);
    assert.deepEqual(await again.settled({ periodMs: 900_000, from: 0 }), [count(0, { periodMs: 900_000 })]);
  },

  "forgets the oldest, of each length of period its own, a bounded step at a time": async ({ store }) => {
    const counts = Array.from({ length: 10 }, (_, index) => count(index * MINUTE));
    await store.addSettled([...counts, count(0, { periodMs: 900_000 })]);
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
      (await store.settled({ periodMs: MINUTE, from: 0 })).map(({ at }) => at / MINUTE),
      [6, 7, 8, 9],
    );
    assert.equal((await store.settled({ periodMs: 900_000, from: 0 })).length, 1);
  },
};
