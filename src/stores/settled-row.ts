import type { SettledCount } from "../core/store.ts";
import { number, type RowValues, text } from "./values.ts";

/** The columns of {@link settledValues}; all but the last are the key. */
export const SETTLED_COLUMNS = ["period_ms", "at", "type", "kind", "outcome", "bucket", "count"] as const;

export function settledValues(count: SettledCount): readonly (string | number)[] {
  return [count.periodMs, count.at, count.type, count.kind, count.outcome, count.bucket, count.count];
}

export function settledOf([periodMs, at, type, kind, outcome, bucket, count]: RowValues): SettledCount {
  return {
    periodMs: number(periodMs),
    at: number(at),
    type: text(type),
    kind: text(kind),
    outcome: outcomeOf(outcome),
    bucket: number(bucket),
    count: number(count),
  };
}

function outcomeOf(value: unknown): SettledCount["outcome"] {
  if (value === "succeeded" || value === "failed" || value === "cancelled") return value;
  throw new TypeError(`settled.outcome: ${JSON.stringify(value)} is no outcome of an operation`);
}
