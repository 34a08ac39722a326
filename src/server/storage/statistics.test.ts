import assert from "node:assert/strict";
import { it } from "node:test";
import { Row } from "../../../test/core/row.ts";
import { SteppedClock } from "../../../test/support/stepped-clock.ts";
import type { OperationState } from "../../core/operation.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { SettledCount } from "../../core/ports/statistics.ts";
import type { Resource } from "../../core/resource.ts";
import { createStatistics } from "./statistics.ts";

/** A store that records counts, and can be taken down. */
function recording() {
  const saved: SettledCount[] = [];
  const server = { isDown: false };
  const addSettledCounts = async (counts: readonly SettledCount[]): Promise<void> => {
    if (server.isDown) throw new Error("down");
    saved.push(...counts);
  };
  return { saved, server, reporting: { addSettledCounts } };
}

function settled(clock: SteppedClock, id: string, state: OperationState, tookMs = 1000): Resource {
  const now = clock.now();
  const base = Row.ready().resource;
  return {
    ...base,
    updatedAt: now,
    operation: { ...base.operation, id, state, acceptedAt: now - tookMs, settledAt: now },
  };
}

it("counts each end once, in periods of every length, and stores what it counted at the close", async () => {
  const clock = new SteppedClock();
  const { saved, reporting } = recording();
  const statistics = createStatistics({ reporting, clock, log: silentLog });
  statistics.onCommitted(settled(clock, "a", "succeeded"));
  statistics.onCommitted(settled(clock, "a", "succeeded"));
  statistics.onCommitted(settled(clock, "b", "succeeded"));
  statistics.onCommitted(settled(clock, "c", "failed"));
  // A change observed of a settled resource, long after.
  statistics.onCommitted({ ...settled(clock, "d", "succeeded"), updatedAt: clock.now() + 3_600_000 });
  const running = settled(clock, "e", "running");
  statistics.onCommitted({ ...running, operation: { ...running.operation, settledAt: null } });
  await statistics.close();
  const minutes = saved.filter(({ periodMs }) => periodMs === 60_000);
  assert.deepEqual(
    minutes.map(({ outcome, count }) => [outcome, count]),
    [
      ["succeeded", 2],
      ["failed", 1],
    ],
  );
  assert.deepEqual(new Set(saved.map(({ periodMs }) => periodMs)).size, 4);
  assert.ok(saved.every(({ at, periodMs }) => at % periodMs === 0));
  await statistics.close();
  assert.equal(saved.length, 8, "nothing is stored twice");
});

it("keeps counts while the store is down", async () => {
  const clock = new SteppedClock();
  const { saved, server, reporting } = recording();
  const statistics = createStatistics({ reporting, clock, log: silentLog, intervalMs: 1000 });
  statistics.start();
  server.isDown = true;
  statistics.onCommitted(settled(clock, "a", "cancelled"));
  clock.advance(1000);
  await clock.armed(1000);
  statistics.onCommitted(settled(clock, "b", "cancelled"));
  server.isDown = false;
  clock.advance(1000);
  await clock.armed(1000);
  await statistics.stop();
  const minutes = saved.filter(({ periodMs }) => periodMs === 60_000);
  assert.deepEqual(
    minutes.map(({ count }) => count),
    [2],
  );
});
