import type { DatabaseSync } from "node:sqlite";
import type { UnclaimedPage, UnclaimedQuery } from "../../../core/ports/store.ts";
import { COLUMN_LIST, resourceOf } from "../../resource-row.ts";
import { number } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";

/**
 * Reads operations in progress that no worker has claimed, in the order of the index of rows in progress. The plus
 * keeps SQLite from using an index by type, which contains all settled rows too.
 */
export function createUnclaimedReading(database: DatabaseSync): (query: UnclaimedQuery) => UnclaimedPage {
  const select = prepareRows(
    database,
    `select row, next_deadline_at, ${COLUMN_LIST} from resources
     where next_deadline_at is not null and (next_deadline_at, row) > (?, ?) and worker is null
       and +type in (select value from json_each(?))
     order by next_deadline_at, row limit ?`,
  );
  return ({ types, limit, after = { nextDeadlineAt: -1, row: -1 } }) => {
    const rows = select.all(after.nextDeadlineAt, after.row, JSON.stringify(types), limit);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      resources: rows.map((row) => resourceOf(row.slice(2))),
      next: last === undefined ? undefined : { row: number(last[0]), nextDeadlineAt: number(last[1]) },
    };
  };
}
