import { type ClockReading, clockStepOf, seenAtAfter } from "../../../core/scheduling/clock-step.ts";
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
  const stored = meta.get("seen_at");
  const seenAt = stored === undefined ? undefined : Number(stored);
  const step = clockStepOf(seenAt, reading);
  meta.set("seen_at", String(seenAtAfter(seenAt, reading)));
  if (step === undefined) return 0;
  const { byMs, updatedBetween = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] } = step;
  tables.beginChangeOfAllRows();
  database.prepare(STATEMENTS.records).run(byMs, ...updatedBetween);
  database.prepare(STATEMENTS.resources).run(byMs, ...updatedBetween);
  if (byMs < 0) database.prepare(STATEMENTS.turns).run(byMs);
  if (byMs > 0) for (const sql of STATEMENTS.retained) database.prepare(sql).run(byMs);
  return byMs;
}
