import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";
import type { StoreTables } from "../tables/tables.ts";
import type { UnitOfWorkState } from "../tables/unit-of-work.ts";
import { createLimitCounting } from "./limit-counting.ts";
import type { ReadSet } from "./read-set.ts";
import type { RowNumbers } from "./row-numbers.ts";

const KEY = columnsOf({ type: "text", id: "text" });

/** Locks the rows of a batch and reads what its changes may ask for, in one round trip. */
export type BatchReading = (session: Session, wanted: ReadSet) => Promise<UnitOfWorkState>;

export function createBatchReading(schema: string, tables: StoreTables, rowNumbers: RowNumbers): BatchReading {
  const table = tableName(schema, "resources");
  const lock: Statement = {
    name: "lock resources",
    // Locked in the order of their numbers, so that of two batches neither waits for the other with a row that this one wants. The
    // numbers have to be an array: of a row that changes while it is waited for, PostgreSQL asks anew whether it is wanted, and a
    // join would then miss it.
    text: `select ${STORED_COLUMNS} from ${table} where row = any(array(
        select r.row from ${unnested(KEY)} w (${namesOf(KEY)}) join ${table} r on r.type = w.type and r.id = w.id
        union all select r.row from unnest($3::text[]) w (operation) join ${table} r on r.operation = w.operation
      )) order by row for update`,
  };
  const counting = createLimitCounting(schema);

  return async (session, wanted) => {
    const { keys, operations, newRows: makes, steps, messages } = wanted;
    const keyArrays = arraysOf(
      "resources",
      KEY,
      keys.map(({ type, id }) => [type, id]),
    );
    const operationArray = arrayOf("resources.operation", "text", operations);
    const [inProgress, inProgressOfOwners, rows, freeRows, records, posted, replies] = await Promise.all([
      counting.ofTypes(session, wanted),
      counting.ofOwners(session, wanted),
      session.run(lock, [...keyArrays, operationArray]),
      makes === 0 ? [] : rowNumbers.draw(session, makes),
      tables.records.named(session, steps),
      tables.received.named(session, messages),
      tables.replies.read(session, wanted.replies),
    ]);
    return {
      rows: rows.map(storedOf),
      reservedRowIds: freeRows,
      records,
      messages: posted,
      replies,
      inProgress,
      inProgressOfOwners,
    };
  };
}
