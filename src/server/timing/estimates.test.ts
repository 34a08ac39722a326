import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { combineEstimates, estimateFrom } from "./combine-estimates.ts";
import { Samples } from "./samples.ts";

const sorted = (...values: number[]): Float64Array => Float64Array.from(values).toSorted();

describe("estimates of the time remaining", () => {
  it("takes the median among the runs that lasted at least this long", () => {
    assert.equal(estimateFrom(sorted(10, 20, 30, 100, 200), 1, 0)?.remainingMs, 30);
    assert.equal(estimateFrom(sorted(10, 20, 30, 100, 200, 300), 1, 50)?.remainingMs, 150);
  });

  it("gives no estimate if too few lasted this long", () => {
    assert.equal(estimateFrom(sorted(10, 20, 30), 1, 15), undefined);
    assert.equal(estimateFrom(sorted(), 1, 0), undefined);
  });

  it("weights an estimate by how closely its samples agree", () => {
    const certain = { remainingMs: 100, logSpread: 0.05 };
    const vague = { remainingMs: 1000, logSpread: 1 };
    const both = combineEstimates([certain, vague])?.remainingMs ?? NaN;
    assert.ok(both > 100 && both < 105, String(both));
    assert.equal(combineEstimates([]), undefined);
  });

  it("has a larger spread if estimates disagree", () => {
    const agreeing = combineEstimates([
      { remainingMs: 100, logSpread: 0.1 },
      { remainingMs: 101, logSpread: 0.1 },
    ]);
    const disagreeing = combineEstimates([
      { remainingMs: 100, logSpread: 0.1 },
      { remainingMs: 400, logSpread: 0.1 },
    ]);
    assert.ok((disagreeing?.logSpread ?? NaN) > 3 * (agreeing?.logSpread ?? NaN));
  });

  it("keeps the newest samples of a milestone", () => {
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
