import type { Policies } from "../../../core/policy.ts";
import { maxDeliveries } from "../../../core/webhooks/delivery-changes.ts";
import { text } from "../../values.ts";
import type { Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, namesOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";
import type { StoreTables } from "../tables/tables.ts";
import type { UnitOfWorkState } from "../tables/unit-of-work.ts";
import { createDueCounting } from "./due-counting.ts";
import type { LockedRow } from "./held-rows.ts";
import { createLimitCounting } from "./limit-counting.ts";
import type { ReadSet } from "./read-set.ts";
import type { RowNumbers } from "./row-numbers.ts";

const KEY = columnsOf({ type: "text", id: "text" });

/** Locks the rows of a batch and reads its read set, in one round trip. */
export interface BatchReading {
  /** Waits for locked rows. */
  waiting(session: Session, readSet: ReadSet): Promise<UnitOfWorkState>;
  /** Leaves out locked rows, and returns them separately. */
  skippingLocked(session: Session, readSet: ReadSet): Promise<UnlockedRows>;
}

/** The state of a batch without the rows that others have locked. */
export interface UnlockedRows {
  readonly state: UnitOfWorkState;
  readonly locked: readonly LockedRow[];
}

export interface BatchReadingOptions {
  readonly schema: string;
  readonly tables: StoreTables;
  readonly rowNumbers: RowNumbers;
  readonly policies: Policies;
  /** False to count resources in progress without locking their types. @default true */
  readonly locksLimitedTypes?: boolean;
}

export function createBatchReading({
  schema,
  tables,
  rowNumbers,
  policies,
  locksLimitedTypes = true,
}: BatchReadingOptions): BatchReading {
  const { lock, lockUnlocked, selectOthers } = statementsOf(tableName(schema, "resources"));
  const counting = createLimitCounting(schema, locksLimitedTypes);
  const dueCounting = createDueCounting(schema);

  const read = async (session: Session, readSet: ReadSet, statement: Statement): Promise<UnitOfWorkState> => {
    const { keys, newRows, steps, messages } = readSet;
    const [inProgress, inProgressOfOwners, rows, reservedRowIds, records, posted, replies, due] = await Promise.all([
      counting.ofTypes(session, readSet),
      counting.ofOwners(session, readSet),
      session.run(statement, targetsOf(readSet)),
      newRows === 0 ? [] : rowNumbers.draw(session, newRows),
      tables.records.named(session, steps),
      tables.received.named(session, messages),
      tables.replies.read(session, readSet.replies),
      dueCounting.count(session, readSet.changes),
    ]);
    const stored = rows.map(storedOf);
    const types = [...stored.map(({ resource }) => resource.type), ...keys.map(({ type }) => type)];
    const deliveries = types.reduce((sum, type) => sum + maxDeliveries(policies, type), 0);
    return {
      rows: stored,
      reservedRowIds:
        deliveries === 0 ? reservedRowIds : [...reservedRowIds, ...(await rowNumbers.draw(session, deliveries))],
      records,
      messages: posted,
      replies,
      inProgress,
      inProgressOfOwners,
      due,
    };
  };

  return {
    waiting: (session, readSet) => read(session, readSet, lock),
    async skippingLocked(session, readSet) {
      const state = await read(session, readSet, lockUnlocked);
      const rowIds = state.rows.map(({ rowId }) => rowId);
      const others = await session.run(selectOthers, [
        ...targetsOf(readSet),
        arrayOf("resources.row", "bigint", rowIds),
      ]);
      return {
        state,
        locked: others.map(([type, id, operation]) => ({ type: text(type), id: text(id), operation: text(operation) })),
      };
    },
  };
}

/** Returns the parameters of the statements that lock rows. */
function targetsOf({ keys, operations }: ReadSet): string[] {
  return [
    ...arraysOf(
      "resources",
      KEY,
      keys.map(({ type, id }) => [type, id]),
    ),
    arrayOf("resources.operation", "text", operations),
  ];
}

/** Returns the statements that lock the rows of a batch. Their parameters are keys and operations. */
function statementsOf(table: string): Readonly<Record<"lock" | "lockUnlocked" | "selectOthers", Statement>> {
  // The ids must be an array: PostgreSQL re-evaluates the condition for a row that changes while it waits for the lock,
  // and a join would then miss the row.
  const isTarget = `row = any(array(
        select r.row from ${unnested(KEY)} w (${namesOf(KEY)}) join ${table} r on r.type = w.type and r.id = w.id
        union all select r.row from pg_catalog.unnest($3::text[]) w (operation) join ${table} r on r.operation = w.operation
      ))`;
  const lock: Statement = {
    name: "lock resources",
    // Locked in the order of row ids, so that two batches never deadlock.
    text: `select ${STORED_COLUMNS} from ${table} where ${isTarget} order by row for update`,
  };
  const lockUnlocked: Statement = { name: "lock unlocked resources", text: `${lock.text} skip locked` };
  const selectOthers: Statement = {
    name: "select locked resources",
    text: `select type, id, operation from ${table} where ${isTarget} and not row = any($4::bigint[])`,
  };
  return { lock, lockUnlocked, selectOthers };
}
