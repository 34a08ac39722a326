import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DurationSamples } from "../../core/ports/statistics.ts";
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

  it("learns from a limited number of step names, which may contain texts of clients", () => {
    const samples = new Samples();
    const sample = (milestone: string, kind = "create"): DurationSamples => ({
      type: "widget",
      kind,
      milestone,
      samples: [[0, 1000]],
    });
    samples.replace([sample("")]);
    const names = Array.from({ length: 10_000 }, (_, index) => `step:${index}`);
    assert.equal(names.filter((name) => samples.add(sample(name))).length, 499);
    samples.replace(names.map((name) => sample(name)));
    assert.equal(samples.of("widget", "create", "step:9999").remaining.length, 0);
    assert.equal(samples.of("widget", "create", "step:1").remaining.length, 1);
    assert.ok(samples.add(sample("")) && samples.add(sample("step:9999", "update")));
  });
});
