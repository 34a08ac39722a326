import type { Change } from "../../../core/change.ts";
import { StaleClockError } from "../../../core/errors.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult } from "../../../core/ports/store.ts";
import type { Connections } from "../connection/connections.ts";
import { PostgresError } from "../connection/postgres-error.ts";
import { type Column, insertion, NOW, tableName } from "../connection/statement.ts";
import { HISTORY, historyArrays } from "../tables/history.ts";
import type { ListEntries } from "../tables/list-entries.ts";
import { insertedRows, setIndexes, StatementsByColumns } from "../tables/resource-table.ts";
import { EMPTY_STATE, reduceBatch, type ReducedBatch, type UnitOfWork } from "../tables/unit-of-work.ts";
import { latestOf } from "./clock.ts";
import { exceededSlots, slotsOf, withoutClaims } from "./due-counting.ts";
import { isInsertOnly, type ReadSet } from "./read-set.ts";
import type { RowNumbers } from "./row-numbers.ts";

/**
 * Inserts new resources without reading first, in one round trip. If a row exists already, the insert fails and nothing
 * is stored.
 *
 * @returns undefined if the changes must be applied by reading first
 * @throws PostgresError unrelated to existing rows; StaleClockError
 */
export type InsertNew = (batch: InsertBatch, onSent: () => void) => Promise<readonly ApplyResult[] | undefined>;

export interface InsertBatch {
  readonly changes: readonly Change[];
  readonly readSet: ReadSet;
  readonly maxClockDriftMs: number;
}

export interface InsertNewOptions {
  readonly schema: string;
  readonly connections: Connections;
  readonly rowNumbers: RowNumbers;
  readonly policies: Policies;
  readonly listEntries: Pick<ListEntries, "isUnchanged">;
}

export function createInsertNew(options: InsertNewOptions): InsertNew {
  const { schema, connections, rowNumbers, policies, listEntries } = options;
  const inserts = new StatementsByColumns("insert new resources", (columns) => insertUnless(schema, columns, false));
  const claimedInserts = new StatementsByColumns("insert claimed resources", (columns) =>
    insertUnless(schema, columns, true),
  );

  const reduce = (changes: readonly Change[], { newRows }: ReadSet): ReducedBatch | undefined => {
    const reservedRowIds = isInsertOnly(changes) ? rowNumbers.take(newRows) : undefined;
    if (reservedRowIds === undefined) return undefined;
    const batch = reduceBatch({ ...EMPTY_STATE, reservedRowIds }, policies, changes);
    // An entry that inserts no row cannot raise a unique violation, so a conflict would go unnoticed.
    return batch.applied.every(({ outcome }) => outcome === "applied") && listEntries.isUnchanged(batch.unitOfWork)
      ? batch
      : undefined;
  };

  /** Returns false if nothing was inserted, because other operations need the slots of the claims. */
  const send = async (
    { resources, writes }: UnitOfWork,
    { changes, maxClockDriftMs }: Omit<InsertBatch, "readSet">,
  ): Promise<boolean> => {
    const clock = maxClockDriftMs === Infinity ? [null, null] : [latestOf(changes), maxClockDriftMs];
    const slots = slotsOf(changes);
    const inserted = insertedRows(resources);
    const statements = slots === undefined ? inserts : claimedInserts;
    const [insert, arrays] = statements.write(setIndexes(inserted), inserted);
    const rows = await connections.runOnce(insert, [...arrays, ...historyArrays(writes), ...clock, ...(slots ?? [])]);
    if (rows.some(([reason]) => reason === STALE)) throw new StaleClockError();
    return rows.length === 0;
  };

  return async ({ changes, readSet, maxClockDriftMs }, onSent) => {
    const batch = reduce(changes, readSet);
    if (batch === undefined) return undefined;
    try {
      const sent = send(batch.unitOfWork, { changes, maxClockDriftMs });
      onSent();
      if (await sent) return batch.applied;
      const unclaimed = withoutClaims(changes);
      const accepted = reduce(unclaimed, readSet);
      if (accepted === undefined) return undefined;
      await send(accepted.unitOfWork, { changes: unclaimed, maxClockDriftMs });
      return accepted.applied;
    } catch (error) {
      if (!mayExist(error)) throw error;
      rowNumbers.forget();
      return undefined;
    }
  };
}

const STALE = "stale clock";

/**
 * Returns a single statement, which is atomic by itself. It inserts nothing, and returns the reasons, if there is one.
 *
 * @param isClaimed true to insert nothing if operations that wait longer need the slots of the workers
 */
function insertUnless(schema: string, columns: readonly Column[], isClaimed: boolean): string {
  const firstOfHistory = columns.length + 1;
  const firstOfClock = firstOfHistory + HISTORY.length;
  const stale = `select '${STALE}' reason where abs(${NOW} - $${firstOfClock}::bigint) > $${firstOfClock + 1}::bigint`;
  const others = `select 'others' from (${exceededSlots(schema, firstOfClock + 2)} limit 1) other`;
  return `with reasons as materialized (${isClaimed ? `${stale} union all ${others}` : stale}), inserted as (
      ${insertion(tableName(schema, "resources"), columns)} where not exists (select from reasons)
    ), logged as (
      ${insertion(tableName(schema, "history"), HISTORY, firstOfHistory)} where not exists (select from reasons)
    ) select reason from reasons`;
}

/** Returns true if the rows existed already, or may exist now. */
function mayExist(error: unknown): boolean {
  return error instanceof PostgresError && (error.kind === "conflict" || error.kind === "connection");
}
