import assert from "node:assert/strict";
import { it } from "node:test";
import { draw, rowOf, seeded } from "../../bench/estimates/runs.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { createEstimates } from "../../src/server/timing/estimates.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const steady = { name: "constant, 100 s", draw: () => 100_000 };

it("keeps duration samples over a restart, and estimates nothing before there are any", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/afoot.db`;
  const random = seeded(7);
  const open = async () => {
    const store = sqliteStore({ path });
    await store.open({ policies: new Map(), at: Date.now(), onFatal: (error) => assert.fail(String(error)) });
    const estimates = createEstimates({ reporting: store.reporting, clock: systemClock, log: silentLog });
    await estimates.open();
    return { store, estimates };
  };
  const run = draw(steady, random);
  const halfway = rowOf(run, 50_000);
  const silent = { ...halfway, operation: { ...halfway.operation, progress: null } };

  const first = await open();
  assert.equal(first.estimates.estimate(silent, 50_000), undefined);
  for (let learned = 0; learned < 20; learned++) {
    for (const row of draw(steady, random).rows) first.estimates.onCommitted(row);
  }
  const before = first.estimates.estimate(silent, 50_000);
  assert.ok(before !== undefined && Math.abs(before.remainingMs - 50_000) < 10_000, JSON.stringify(before));
  await first.estimates.close();
  await first.store.close();

  const second = await open();
  assert.deepEqual(second.estimates.estimate(silent, 50_000), before);
  await second.store.close();
});

it("estimates no less than the rest of a sleep, which no message ends", () => {
  const estimates = createEstimates({ reporting: undefined, clock: systemClock, log: silentLog });
  const row = rowOf(draw(steady, seeded(7)), 50_000);
  const remaining = (changes: Partial<typeof row.operation>): number | undefined =>
    estimates.estimate({ ...row, operation: { ...row.operation, ...changes } }, 50_000)?.remainingMs;
  const extrapolated = remaining({}) ?? Number.NaN;
  assert.ok(extrapolated > 1000 && extrapolated < 500_000, String(extrapolated));
  assert.equal(remaining({ dueAt: 1_050_000 }), 1_000_000);
  assert.equal(remaining({ dueAt: 51_000 }), extrapolated);
  assert.equal(remaining({ dueAt: 1_050_000, awaitedMessages: ["approval"] }), extrapolated);
});
