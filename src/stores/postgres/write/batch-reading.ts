import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";
import type { StoreTables } from "../tables/tables.ts";
import type { UnitOfWorkState } from "../tables/unit-of-work.ts";
import { createLimitCounting } from "./limit-counting.ts";
import type { ReadSet } from "./read-set.ts";
import type { RowNumbers } from "./row-numbers.ts";

const KEY = columnsOf({ type: "text", id: "text" });

/** Locks the rows of a batch and reads its read set, in one round trip. */
export type BatchReading = (session: Session, readSet: ReadSet) => Promise<UnitOfWorkState>;

export interface BatchReadingOptions {
  readonly schema: string;
  readonly tables: StoreTables;
  readonly rowNumbers: RowNumbers;
  /** False to count resources in progress without locking their types. @default true */
  readonly locksLimitedTypes?: boolean;
}

export function createBatchReading({
  schema,
  tables,
  rowNumbers,
  locksLimitedTypes = true,
}: BatchReadingOptions): BatchReading {
  const table = tableName(schema, "resources");
  const lock: Statement = {
    name: "lock resources",
    // Locked in the order of row ids, so that two batches never deadlock. The ids must be an array: PostgreSQL
    // re-evaluates the condition for a row that changes while it waits for the lock, and a join would then miss the
    // row.
    text: `select ${STORED_COLUMNS} from ${table} where row = any(array(
        select r.row from ${unnested(KEY)} w (${namesOf(KEY)}) join ${table} r on r.type = w.type and r.id = w.id
        union all select r.row from unnest($3::text[]) w (operation) join ${table} r on r.operation = w.operation
      )) order by row for update`,
  };
  const counting = createLimitCounting(schema, locksLimitedTypes);

  return async (session, readSet) => {
    const { keys, operations, newRows: makes, steps, messages } = readSet;
    const keyArrays = arraysOf(
      "resources",
      KEY,
      keys.map(({ type, id }) => [type, id]),
    );
    const operationArray = arrayOf("resources.operation", "text", operations);
    const [inProgress, inProgressOfOwners, rows, freeRows, records, posted, replies] = await Promise.all([
      counting.ofTypes(session, readSet),
      counting.ofOwners(session, readSet),
      session.run(lock, [...keyArrays, operationArray]),
      makes === 0 ? [] : rowNumbers.draw(session, makes),
      tables.records.named(session, steps),
      tables.received.named(session, messages),
      tables.replies.read(session, readSet.replies),
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
