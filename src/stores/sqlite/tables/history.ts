import type { DatabaseSync } from "node:sqlite";
import type { HistoryEntry } from "../../../core/history.ts";
import type { HistoryQuery, SequencedHistoryEntry } from "../../../core/ports/store.ts";
import { entryOf, HISTORY_COLUMNS, historyValues } from "../../rows.ts";
import { number } from "../../values.ts";
import { prepareInsert, prepareRows } from "../file/statement.ts";

/** Writes history entries. Their sequence numbers increase over the whole table and are never reused. */
export interface HistoryWriting {
  add(rowId: number, entry: HistoryEntry): void;
  /**
   * Returns the number of the next entry. It is stored before entries are removed, so that no number is assigned twice.
   */
  nextSequence(): number;
}

export function createHistoryWriting(database: DatabaseSync, storedSequence: number): HistoryWriting {
  const newest = number(prepareRows(database, "select coalesce(max(sequence), 0) from history").get()?.[0]);
  const insert = prepareInsert(database, "history", ["sequence", "resource", ...HISTORY_COLUMNS]);
  let next = Math.max(newest + 1, storedSequence);
  return {
    add(rowId, entry) {
      insert(next, rowId, ...historyValues(entry));
      next += 1;
    },
    nextSequence: () => next,
  };
}

/** Reads the history of one resource, oldest first. */
export function createHistoryReading(database: DatabaseSync): (query: HistoryQuery) => SequencedHistoryEntry[] {
  const select = prepareRows(
    database,
    `select sequence, ${HISTORY_COLUMNS.join(", ")} from history
     where resource = (select row from resources where type = ? and id = ?) and sequence > ? order by sequence limit ?`,
  );
  return ({ key, after = 0, limit }) => select.all(key.type, key.id, after, limit).map(entryOf);
}
