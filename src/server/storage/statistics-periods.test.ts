import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { bucketOf, percentile } from "./statistics-periods.ts";

it("estimates percentiles of durations to within their bucket", () => {
  const durations = fc.array(fc.integer({ min: 1, max: 600_000_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95, 1), (all, part) => {
      const counts = new Map<number, number>();
      for (const ms of all) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * part) - 1] ?? 0;
      const estimated = percentile(counts, part);
      assert.ok(
        estimated >= exact / Math.SQRT2 - 1 && estimated <= exact * Math.SQRT2 + 1,
        `${estimated} for ${exact}`,
      );
    }),
  );
});

it("returns 0 without counts, and accepts durations of 0", () => {
  assert.equal(percentile(new Map(), 0.5), 0);
  assert.equal(bucketOf(0), 0);
  assert.equal(percentile(new Map([[0, 3]]), 1), 1);
});
