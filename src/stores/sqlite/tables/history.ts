import type { DatabaseSync } from "node:sqlite";
import type { HistoryEntry } from "../../../core/history.ts";
import type { HistoryQuery, SequencedHistoryEntry } from "../../../core/ports/store.ts";
import { entryOf, HISTORY_COLUMNS, historyValues } from "../../rows.ts";
import { number } from "../../values.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/** Writes lines of history. Their sequence numbers grow over the whole table, and never go back. */
export interface HistoryWriting {
  add(row: number, entry: HistoryEntry): void;
  /** The number that the next line gets: kept before lines go, so that a number is never given twice. */
  nextSequence(): number;
}

export function createHistoryWriting(database: DatabaseSync, storedSequence: number): HistoryWriting {
  const newest = number(prepareRows(database, "select coalesce(max(sequence), 0) from history").get()?.[0]);
  const insert = prepareInsert(database, "history", ["sequence", "resource", ...HISTORY_COLUMNS]);
  let next = Math.max(newest + 1, storedSequence);
  return {
    add(row, entry) {
      insert(next, row, ...historyValues(entry));
      next += 1;
    },
    nextSequence: () => next,
  };
}

/** Reads the lines of one resource, oldest first. */
export function createHistoryReading(database: DatabaseSync): (query: HistoryQuery) => SequencedHistoryEntry[] {
  const select = prepareRows(
    database,
    `select sequence, ${HISTORY_COLUMNS.join(", ")} from history
     where resource = (select row from resources where type = ? and id = ?) and sequence > ? order by sequence limit ?`,
  );
  return ({ key, after = 0, limit }) => select.all(key.type, key.id, after, limit).map(entryOf);
}
