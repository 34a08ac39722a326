import { type ClockReading, clockStepOf } from "../../../core/scheduling/clock-step.ts";
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
 * Stores the instant of a reading, and moves the instants of operations in progress if the clock was set. Returns by
 * how many milliseconds.
 */
export function adjustToClock(tables: Tables, reading: ClockReading): number {
  const { database, meta } = tables;
  const seenAt = meta.get("seen_at");
  const step = clockStepOf(seenAt === undefined ? undefined : Number(seenAt), reading);
  meta.set("seen_at", String(reading.at));
  if (step === undefined) return 0;
  const { byMs, updatedBetween = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] } = step;
  tables.beginChangeOfAllRows();
  database.prepare(STATEMENTS.records).run(byMs, ...updatedBetween);
  database.prepare(STATEMENTS.resources).run(byMs, ...updatedBetween);
  if (byMs < 0) database.prepare(STATEMENTS.turns).run(byMs);
  if (byMs > 0) for (const sql of STATEMENTS.retained) database.prepare(sql).run(byMs);
  return byMs;
}
