import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { combineEstimates, estimateFrom } from "./combine-estimates.ts";
import { Samples } from "./samples.ts";

const sorted = (...values: number[]): Float64Array => Float64Array.from(values).toSorted();

describe("guesses of the time remaining", () => {
  it("takes the median among the runs that lasted at least this long", () => {
    assert.equal(estimateFrom(sorted(10, 20, 30, 100, 200), 1, 0)?.middle, 30);
    assert.equal(estimateFrom(sorted(10, 20, 30, 100, 200, 300), 1, 50)?.middle, 150);
  });

  it("knows nothing where too few lasted this long", () => {
    assert.equal(estimateFrom(sorted(10, 20, 30), 1, 15), undefined);
    assert.equal(estimateFrom(sorted(), 1, 0), undefined);
  });

  it("lets a guess whose samples agree outweigh one whose samples do not", () => {
    const certain = { middle: 100, spread: 0.05 };
    const vague = { middle: 1000, spread: 1 };
    const both = combineEstimates([certain, vague])?.middle ?? NaN;
    assert.ok(both > 100 && both < 105, String(both));
    assert.equal(combineEstimates([]), undefined);
  });

  it("is less sure where guesses disagree", () => {
    const agreeing = combineEstimates([
      { middle: 100, spread: 0.1 },
      { middle: 101, spread: 0.1 },
    ]);
    const disagreeing = combineEstimates([
      { middle: 100, spread: 0.1 },
      { middle: 400, spread: 0.1 },
    ]);
    assert.ok((disagreeing?.spread ?? NaN) > 3 * (agreeing?.spread ?? NaN));
  });

  it("keeps the newest samples of a mark", () => {
    const samples = new Samples();
    for (let ms = 1; ms <= 300; ms++) {
      samples.add({ type: "widget", kind: "create", milestone: "", samples: [[0, ms]] });
    }
    const { remaining } = samples.of("widget", "create", "");
    assert.deepEqual(
      { count: remaining.length, n0: remaining[0], remaining: remaining.at(-1) },
      { count: 200, n0: 101, remaining: 300 },
    );
  });
});
