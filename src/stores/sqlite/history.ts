import type { DatabaseSync } from "node:sqlite";
import type { HistoryEntry, HistoryEventName } from "../../core/history.ts";
import type { HistoryQuery, SequencedHistoryEntry } from "../../core/store.ts";
import { errorOf } from "./json-columns.ts";
import { fit, number, prepareRows, type RowValues, text, textOrNull } from "./values.ts";

const COLUMNS = ["sequence", "resource", "at", "event", "operation", "kind", "attempt", "status", "step", "error"];

/** Writes lines of history. Their sequence numbers grow over the whole table, and never go back. */
export interface HistoryWriting {
  add(row: number, entry: HistoryEntry): void;
  /** The number that the next line gets: kept before lines go, so that a number is never given twice. */
  nextSequence(): number;
}

export function createHistoryWriting(database: DatabaseSync, keptSequence: number): HistoryWriting {
  const newest = number(prepareRows(database, "select coalesce(max(sequence), 0) from history").get()?.[0]);
  let next = Math.max(newest + 1, keptSequence);
  const insert = database.prepare(`insert into history (${COLUMNS.join(", ")}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  return {
    add(row, { at, event, operation, kind, attempt, status, step, error }) {
      const values = [
        next++,
        row,
        at,
        event,
        operation,
        kind,
        attempt,
        status ?? null,
        step ?? null,
        error === undefined ? null : JSON.stringify(error),
      ];
      insert.run(...fit(values, (index) => `history.${COLUMNS[index]}`));
    },
    nextSequence: () => next,
  };
}

/** Reads the lines of one resource, oldest first. */
export function createHistoryReading(database: DatabaseSync): (query: HistoryQuery) => SequencedHistoryEntry[] {
  const select = prepareRows(
    database,
    `select ${COLUMNS.join(", ")} from history
     where resource = (select row from resources where type = ? and id = ?) and sequence > ? order by sequence limit ?`,
  );
  return ({ key, after = 0, limit }) => select.all(key.type, key.id, after, limit).map(entryOf);
}

function entryOf([
  sequence,
  ,
  at,
  event,
  operation,
  kind,
  attempt,
  status,
  step,
  error,
]: RowValues): SequencedHistoryEntry {
  const optional = {
    status: textOrNull(status ?? null),
    step: textOrNull(step ?? null),
    error: errorOf(error),
  };
  return {
    sequence: number(sequence),
    at: number(at),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the core's entries are written; a later version may know more of them
    event: text(event) as HistoryEventName,
    operation: text(operation),
    kind: text(kind),
    attempt: number(attempt),
    ...(optional.status === null ? {} : { status: optional.status }),
    ...(optional.step === null ? {} : { step: optional.step }),
    ...(optional.error === null ? {} : { error: optional.error }),
  };
}
