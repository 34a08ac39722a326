import {
  type AdjustedClock,
  clockAdjustment,
  type ClockReading,
  isInProgress,
  moveInstants,
  type Resource,
} from "afoot/stores";
import type { MemoryContents } from "./contents.ts";

/** Moves the instants of operations in progress if the clock was set. */
export function adjustToClock(contents: MemoryContents, reading: ClockReading): AdjustedClock {
  const { step, stored, totalMs } = clockAdjustment(contents.clock, reading);
  contents.clock = stored;
  if (step === undefined) return { movedMs: 0, totalMs };
  const { byMs, updatedBetween: [from, to] = [-Infinity, Infinity] } = step;
  const isAffected = ({ operation, updatedAt }: Resource): boolean =>
    isInProgress(operation) && updatedAt >= from && updatedAt <= to;
  for (const row of contents.rows.values()) {
    if (!isAffected(row.resource)) continue;
    const records = contents.records.get(row.resource.operation.root);
    for (const [name, record] of records ?? []) records?.set(name, { ...record, at: record.at + byMs });
    row.resource = moveInstants(row.resource, byMs);
  }
  // After a step forward, tombstones and replies would expire at once.
  if (byMs > 0) keepRetained(contents, byMs);
  return { movedMs: byMs, totalMs };
}

function keepRetained({ rows, replies }: MemoryContents, byMs: number): void {
  for (const row of rows.values()) {
    const { deletedAt } = row.resource;
    if (deletedAt !== null) row.resource = { ...row.resource, deletedAt: deletedAt + byMs };
  }
  for (const [key, stored] of replies) replies.set(key, { ...stored, at: stored.at + byMs });
}
