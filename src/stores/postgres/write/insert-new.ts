import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult } from "../../../core/ports/store.ts";
import type { Connections } from "../connection/connections.ts";
import { PostgresError } from "../connection/postgres-error.ts";
import { insertion, type Statement, tableName } from "../connection/statement.ts";
import { HISTORY, historyArrays } from "../tables/history.ts";
import { INSERTED_COLUMNS, insertedArrays } from "../tables/resource-table.ts";
import { type UnitOfWork, EMPTY_STATE } from "../tables/unit-of-work.ts";
import { type ReducedBatch, reduceBatch } from "./apply.ts";
import { isInsertOnly, type ReadSet } from "./read-set.ts";
import type { RowNumbers } from "./row-numbers.ts";

/**
 * Applies changes that begin something new as though nothing were stored, in one round trip: where something is, the rows collide with
 * it, and none is stored.
 *
 * @returns undefined where they have to be applied over what is stored
 * @throws Fault that has nothing to do with what is stored
 */
export type InsertNew = (
  changes: readonly Change[],
  wanted: ReadSet,
  onSent: () => void,
) => Promise<readonly ApplyResult[] | undefined>;

export interface InsertNewOptions {
  readonly schema: string;
  readonly connections: Connections;
  readonly rowNumbers: RowNumbers;
  readonly policies: Policies;
}

export function createInsertNew({ schema, connections, rowNumbers, policies }: InsertNewOptions): InsertNew {
  const insert: Statement = {
    name: "make resources",
    // One statement, for it stores all or nothing by itself.
    text: `with made as (${insertion(tableName(schema, "resources"), INSERTED_COLUMNS)})
      ${insertion(tableName(schema, "history"), HISTORY, INSERTED_COLUMNS.length + 1)}`,
  };

  const reduced = (changes: readonly Change[], { newRows: makes }: ReadSet): ReducedBatch | undefined => {
    const freeRows = isInsertOnly(changes) ? rowNumbers.take(makes) : undefined;
    if (freeRows === undefined) return undefined;
    const over = reduceBatch({ ...EMPTY_STATE, reservedRowIds: freeRows }, policies, changes);
    // What makes no row collides with nothing.
    return over.applied.every(({ outcome }) => outcome === "applied") ? over : undefined;
  };

  const send = async ({ resources, writes }: UnitOfWork): Promise<void> =>
    connections.runOnce(insert, [...insertedArrays(resources), ...historyArrays(writes)]);

  return async (changes, wanted, onSent) => {
    const unread = reduced(changes, wanted);
    if (unread === undefined) return undefined;
    try {
      const sent = send(unread.unitOfWork);
      onSent();
      await sent;
      return unread.applied;
    } catch (error) {
      if (!mayExist(error)) throw error;
      rowNumbers.forget();
      return undefined;
    }
  };
}

/** True where rows were there, or nobody knows whether they are now. */
function mayExist(error: unknown): boolean {
  return error instanceof PostgresError && (error.kind === "race" || error.kind === "lost");
}
