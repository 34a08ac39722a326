import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { batch, type BatchOptions } from "./batch.ts";

/** A batch with manual control of the results of its calls and of the ticks of the event loop. */
function harness(options: Omit<BatchOptions, "schedule"> = {}) {
  const ticks: (() => void)[] = [];
  const calls: { entries: readonly number[]; result: PromiseWithResolvers<readonly string[]> }[] = [];
  const add = batch<number, string>(
    (entries) => {
      const result = Promise.withResolvers<readonly string[]>();
      calls.push({ entries, result });
      return result.promise;
    },
    { ...options, schedule: (callback) => ticks.push(callback) },
  );
  return {
    add,
    calls,
    tick: () => {
      for (const callback of ticks.splice(0)) callback();
    },
    result: (call: number) => {
      const { entries, result } = calls[call] ?? assert.fail(`no call ${call}`);
      result.resolve(entries.map((entry) => `r${entry}`));
    },
  };
}

describe("batch", () => {
  test("entries of one tick share a call, in order, and each gets its own result", async () => {
    const { add, calls, tick, result } = harness();
    const results = [1, 2, 3].map((entry) => add(entry));
    assert.equal(calls.length, 0, "not before the end of the tick");
    tick();
    assert.deepEqual(
      calls.map(({ entries }) => entries),
      [[1, 2, 3]],
    );
    result(0);
    assert.deepEqual(await Promise.all(results), ["r1", "r2", "r3"]);
  });

  test("entries that arrive while a call is in flight share the next one", async () => {
    const { add, calls, tick, result } = harness();
    const first = add(1);
    tick();
    const later = [add(2), add(3)];
    tick();
    assert.equal(calls.length, 1);
    result(0);
    await first;
    tick();
    assert.deepEqual(
      calls.map(({ entries }) => entries),
      [[1], [2, 3]],
    );
    result(1);
    assert.deepEqual(await Promise.all(later), ["r2", "r3"]);
  });

  test("no call has more than maxSize entries, and at most concurrency calls are in flight", async () => {
    const { add, calls, tick, result } = harness({ maxSize: 2, concurrency: 2 });
    const results = [1, 2, 3, 4, 5].map((entry) => add(entry));
    tick();
    assert.deepEqual(
      calls.map(({ entries }) => entries),
      [
        [1, 2],
        [3, 4],
      ],
    );
    result(1);
    await results[3];
    result(0);
    await results[0];
    tick();
    assert.deepEqual(calls[2]?.entries, [5]);
    result(2);
    assert.deepEqual(await Promise.all(results), ["r1", "r2", "r3", "r4", "r5"]);
  });

  test("a concurrent call starts next to one of a single entry, and else with twice as many entries", async () => {
    const { add, calls, tick, result } = harness({ concurrency: 2 });
    const arrive = (count: number): void => {
      for (let entry = 0; entry < count; entry++) void add(entry);
      tick();
    };
    const sizes = (): readonly number[] => calls.map(({ entries }) => entries.length);
    arrive(1);
    arrive(3);
    assert.deepEqual(sizes(), [1, 3]);
    result(0);
    await calls[0]?.result.promise;
    arrive(5);
    assert.deepEqual(sizes(), [1, 3], "five wait for the three");
    arrive(1);
    assert.deepEqual(sizes(), [1, 3, 6]);
    result(1);
    result(2);
  });

  test("after eight lone entries the next does not wait for the tick, until entries share a call again", async () => {
    const { add, calls, tick, result } = harness();
    const finish = async (added: Promise<string>): Promise<void> => {
      result(calls.length - 1);
      await added;
    };
    for (let entry = 1; entry <= 8; entry++) {
      const added = add(entry);
      await Promise.resolve();
      assert.equal(calls.length, entry - 1, `entry ${entry} waits for the tick`);
      tick();
      await finish(added);
    }
    const ninth = add(9);
    assert.equal(calls.length, 8, "not before what runs now has ended");
    await Promise.resolve();
    assert.deepEqual(calls[8]?.entries, [9]);
    await finish(ninth);
    const shared = [add(10), add(11)];
    await Promise.resolve();
    assert.deepEqual(calls[9]?.entries, [10, 11]);
    result(9);
    await Promise.all(shared);
    void add(12);
    await Promise.resolve();
    assert.equal(calls.length, 10);
    tick();
    assert.deepEqual(calls[10]?.entries, [12]);
    result(10);
  });

  test("a call that fails rejects its own entries alone, and the next call is made", async () => {
    const { add, calls, tick, result } = harness({ maxSize: 2 });
    const [one, two, three] = [add(1), add(2), add(3)];
    tick();
    calls[0]?.result.reject(new Error("disk full"));
    await assert.rejects(one, /disk full/);
    await assert.rejects(two, /disk full/);
    tick();
    result(1);
    assert.equal(await three, "r3");
  });

  test("a call that throws at once is one that failed", async () => {
    const add = batch<number, string>(() => {
      throw new Error("closed");
    });
    await assert.rejects(add(1), /closed/);
    await assert.rejects(add(2), /closed/);
  });

  for (const results of [[], ["r1"], ["r1", "r2", "r3"]]) {
    test(`${results.length} results for two entries: all entries reject`, async () => {
      const { add, calls, tick } = harness();
      const entries = [add(1), add(2)];
      tick();
      calls[0]?.result.resolve(results);
      const message = `2 entries, ${results.length} results`;
      for (const entry of entries) await assert.rejects(entry, { name: "RangeError", message });
    });
  }

  test("every entry gets its result once, in order, within the bounds, at any timing", async () => {
    const shape = fc.record({ maxSize: fc.integer({ min: 1, max: 5 }), concurrency: fc.integer({ min: 1, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(shape, fc.array(fc.nat(4), { maxLength: 20 }), async ({ maxSize, concurrency }, arrivals) => {
        const seen: number[] = [];
        let underWay = 0;
        const add = batch<number, number>(
          async (entries) => {
            underWay += 1;
            assert.ok(entries.length > 0 && entries.length <= maxSize && underWay <= concurrency);
            seen.push(...entries);
            await Promise.resolve();
            underWay -= 1;
            return entries.map((entry) => -entry);
          },
          { maxSize, concurrency },
        );
        const results: Promise<number>[] = [];
        for (const count of arrivals) {
          for (let i = 0; i < count; i++) results.push(add(results.length));
          await Promise.resolve();
        }
        assert.deepEqual(
          await Promise.all(results),
          results.map((_, entry) => -entry),
        );
        assert.deepEqual(
          seen,
          results.map((_, entry) => entry),
        );
      }),
      { numRuns: 100 },
    );
  });
});
