import type { SettledCount, SettledPoint } from "../core/ports/store.ts";
import { number, type RowValues } from "./values.ts";

/** The columns of {@link settledValues}; all but the last are the key. */
export const SETTLED_COLUMNS = ["period_ms", "at", "type", "kind", "outcome", "bucket", "count"] as const;

export function settledValues(count: SettledCount): readonly (string | number)[] {
  return [count.periodMs, count.at, count.type, count.kind, count.outcome, count.bucket, count.count];
}

export function settledPointOf([at, outcome, bucket, count]: RowValues): SettledPoint {
  return { at: number(at), outcome: outcomeOf(outcome), bucket: number(bucket), count: number(count) };
}

function outcomeOf(value: unknown): SettledCount["outcome"] {
  if (value === "succeeded" || value === "failed" || value === "cancelled") return value;
  throw new TypeError(`settled.outcome: ${JSON.stringify(value)} is no outcome of an operation`);
}
