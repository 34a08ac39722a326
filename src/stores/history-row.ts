import type { HistoryEntry, HistoryEventName } from "../core/history.ts";
import type { SequencedHistoryEntry } from "../core/ports/store.ts";
import { errorOf } from "./json-columns.ts";
import { type ColumnValue, number, type RowValues, text, textOrNull } from "./values.ts";

/** The columns of a line of history but for its resource and sequence number, in the order of {@link historyValues}. */
export const HISTORY_COLUMNS = ["at", "event", "operation", "kind", "attempt", "status", "step", "error"] as const;

export function historyValues(entry: HistoryEntry): ColumnValue[] {
  const { at, event, operation, kind, attempt, status, step, error } = entry;
  const errorText = error === undefined ? null : JSON.stringify(error);
  return [at, event, operation, kind, attempt, status ?? null, step ?? null, errorText];
}

/** The line of a row that has a sequence number, then the columns of {@link HISTORY_COLUMNS}. */
export function entryOf(row: RowValues): SequencedHistoryEntry {
  const [sequence, at, event, operation, kind, attempt, statusText, stepText, errorText] = row;
  const status = textOrNull(statusText);
  const step = textOrNull(stepText);
  const error = errorOf(errorText);
  return {
    sequence: number(sequence),
    at: number(at),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the core's entries are written; a later version may know more of them
    event: text(event) as HistoryEventName,
    operation: text(operation),
    kind: text(kind),
    attempt: number(attempt),
    ...(status === null ? {} : { status }),
    ...(step === null ? {} : { step }),
    ...(error === null ? {} : { error }),
  };
}
