import type { HistoryQuery, SequencedHistoryEntry } from "../../../core/ports/store.ts";
import { entryOf, HISTORY_COLUMNS, historyValues } from "../../rows.ts";
import type { Session } from "../connection/connections.ts";
import { arraysOf, type Column, columnsOf, insertion, type Statement, tableName } from "../connection/statement.ts";
import type { PendingWrites } from "./unit-of-work.ts";

/** The columns of {@link historyArrays}. */
export const HISTORY: readonly Column[] = columnsOf({
  resource: "bigint",
  at: "bigint",
  event: "text",
  operation: "text",
  kind: "text",
  attempt: "integer",
  status: "text",
  step: "text",
  error: "text",
});

/** History entries. Their sequence numbers increase within a resource, because a writer has locked its row. */
export interface History {
  write(session: Session, writes: PendingWrites): Promise<unknown>[];
  read(session: Session, query: HistoryQuery): Promise<SequencedHistoryEntry[]>;
}

export function createHistory(schema: string): History {
  const table = tableName(schema, "history");
  const insert: Statement = {
    name: "insert history",
    text: insertion(table, HISTORY),
  };
  const select: Statement = {
    name: "select history",
    text: `select sequence, ${HISTORY_COLUMNS.join(", ")} from ${table}
      where resource = (select row from ${tableName(schema, "resources")} where type = $1 and id = $2) and sequence > $3
      order by sequence limit $4`,
  };
  return {
    write: (session, writes) => (writes.history.length === 0 ? [] : [session.run(insert, historyArrays(writes))]),
    async read(session, { key, after = 0, limit }) {
      const rows = await session.run(select, [key.type, key.id, after, limit]);
      return rows.map(entryOf);
    },
  };
}

export function historyArrays({ history }: PendingWrites): string[] {
  const rows = history.map(([row, entry]) => [row, ...historyValues(entry)]);
  return arraysOf("history", HISTORY, rows);
}
