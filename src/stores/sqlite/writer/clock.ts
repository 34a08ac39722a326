import { type AdjustedClock, clockAdjustment, type ClockReading } from "../../../core/scheduling/clock-step.ts";
import { clockStepStatements } from "../../clock-instants.ts";
import type { Tables } from "../tables/tables.ts";

const STATEMENTS = clockStepStatements({
  resources: "resources",
  records: "records",
  replies: "replies",
  turns: "turns",
  byMs: "?1",
  from: "?2",
  to: "?3",
});

/**
 * Stores the clock of a reading, and moves the instants of operations in progress if the clock was set.
 */
export function adjustToClock(tables: Tables, reading: ClockReading): AdjustedClock {
  const { database, meta } = tables;
  const seenAt = meta.get("seen_at");
  const before = {
    seenAt: seenAt === undefined ? undefined : Number(seenAt),
    totalMs: Number(meta.get("clock_moved_by") ?? 0),
  };
  const { step, stored, totalMs } = clockAdjustment(before, reading);
  meta.set("seen_at", String(stored.seenAt));
  if (stored.totalMs !== before.totalMs) meta.set("clock_moved_by", String(stored.totalMs));
  if (step === undefined) return { movedMs: 0, totalMs };
  const { byMs, updatedBetween = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] } = step;
  tables.beginChangeOfAllRows();
  database.prepare(STATEMENTS.records).run(byMs, ...updatedBetween);
  database.prepare(STATEMENTS.resources).run(byMs, ...updatedBetween);
  if (byMs < 0) database.prepare(STATEMENTS.turns).run(byMs);
  if (byMs > 0) for (const sql of STATEMENTS.retained) database.prepare(sql).run(byMs);
  return { movedMs: byMs, totalMs };
}
