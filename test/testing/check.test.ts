import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { checkResource, type CheckReport } from "afoot/testing";
import { backup, before, machineOver, POWER } from "./correct.ts";
import { callFaults } from "./faulty/calls.ts";
import { effectFaults } from "./faulty/effects.ts";
import { endingFaults } from "./faulty/endings.ts";
import type { Fault } from "./faulty/fault.ts";
import { replayFaults } from "./faulty/replay.ts";
import { undoFaults } from "./faulty/undo.ts";

const FAULTS = [...effectFaults, ...undoFaults, ...replayFaults, ...callFaults, ...endingFaults];

function check({ type }: Fault): Promise<CheckReport> {
  return checkResource(type, () => ({ configuration: { size: 1, tags: [] } }));
}

suite("checkResource", () => {
  for (const approve of [true, false]) {
    test(`finds nothing in a correct type that ${approve ? "succeeds" : "fails"}`, async () => {
      const { runs, ...report } = await checkResource(machineOver, ({ effects, operation }) => {
        if (operation !== "create") effects.perform(POWER);
        return { configuration: { size: 4, approve }, before };
      });
      assert.deepEqual(report, { findings: [], unchecked: [] });
      assert.ok(runs > 100, `${runs} runs`);
    });
  }

  test("runs operations that leave the rest to observe, and names what it cannot run", async () => {
    const report = await checkResource(backup, () => ({ configuration: {} }));
    assert.deepEqual(report.findings, []);
    assert.ok(report.runs > 10, `${report.runs} runs`);
    assert.deepEqual(report.unchecked, [
      "update: it is external, so no work runs",
      "observe: it is called only while an operation waits",
    ]);
  });

  test("finds an observe that fails", async () => {
    const broken = { ...backup, observe: () => Promise.reject(new Error("no route")) };
    const { findings } = await checkResource(broken, () => ({ configuration: {} }), { operations: ["create"] });
    assert.deepEqual(
      findings.map(({ kind }) => kind),
      ["observe-fails", "never-settles"],
    );
  });

  test("finds every planted fault, and nothing else", async (context) => {
    for (const fault of FAULTS) {
      const { findings } = await check(fault);
      const kinds = new Set(findings.map(({ kind }) => kind));
      assert.deepEqual(
        [kinds, findings[0]?.step],
        [new Set([fault.kind]), fault.step],
        JSON.stringify(findings, null, 2),
      );
    }
    const kinds = new Set(FAULTS.map(({ kind }) => kind));
    context.diagnostic(`${FAULTS.length} faults of ${kinds.size} kinds`);
    assert.ok(kinds.size >= 14);
  });

  test("gives the same report in each run", async () => {
    const [first, second] = [await check(replayFaults[2] as Fault), await check(replayFaults[2] as Fault)];
    assert.deepEqual(first, second);
  });

  test("reports that a check needs too many runs", async () => {
    const { runs, findings } = await checkResource(machineOver, () => ({ configuration: { size: 4 } }), {
      operations: ["create"],
      maxRuns: 5,
    });
    assert.equal(runs, 5);
    assert.deepEqual(
      findings.map(({ kind, operation }) => [kind, operation]),
      [["too-many-runs", "create"]],
    );
  });
});
