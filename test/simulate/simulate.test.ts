import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failureOf } from "./print.ts";
import { simulate, type SimulationReport } from "./simulation.ts";

describe("simulation", () => {
  const runs = new Map<number, SimulationReport>();

  for (const seed of [2, 4]) {
    it(`keeps every promise in the run of seed ${seed}`, async () => {
      const options = { seed, operations: 50 };
      const report = await simulate(options);
      runs.set(seed, report);
      assert.deepEqual(report.violations, [], failureOf({ options, report }));
      assert.ok(report.operations >= 35, `${report.operations} operations`);
    });
  }

  it("causes faults, and all outcomes", () => {
    const reports = [...runs.values()];
    const faults = reports.reduce((sum, { faults: { crash, suspend, cut } }) => sum + crash + suspend + cut, 0);
    assert.ok(faults > 5, `${faults} faults`);
    const outcomes = new Set(reports.flatMap((report) => Object.keys(report.outcomes)));
    assert.deepEqual([...outcomes].toSorted(), ["cancelled", "failed", "succeeded"]);
  });

  it("repeats a run from its seed", async () => {
    const [one, other] = [await simulate({ seed: 4, operations: 30 }), await simulate({ seed: 4, operations: 30 })];
    assert.equal(other.traceHash, one.traceHash);
    assert.deepEqual(other, one);
    const different = await simulate({ seed: 5, operations: 30 });
    assert.notEqual(different.traceHash, one.traceHash);
  });
});
