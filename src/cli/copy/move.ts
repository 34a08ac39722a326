import { isAfootError, StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { CopiedTable, CopySource, CopyTarget, CopyTransaction, Relocation } from "../../stores/copying.ts";
import { batches } from "./batches.ts";

export interface MoveOptions {
  readonly source: CopySource;
  readonly target: CopyTarget;
  /** Unique id of this copy. */
  readonly copy: string;
  readonly at: number;
  /** Called after each batch with the number of rows written to a table. */
  readonly onRows: (table: CopiedTable, written: number) => void;
}

/**
 * Moves a store: copies every table in one transaction of the target, marks the source as moved, and commits. At most one of the two
 * stores can be opened at any time: the source before the mark, because the target's rows are not visible yet; the target after the
 * commit. In between neither opens until the same move is repeated, which detects if the commit succeeded.
 *
 * @returns true if this call copied the rows, and false if an earlier call had
 * @throws StoreOpenError if the move is not possible; StoreUnavailableError if it failed. Both tell if anything was moved
 */
export async function move(options: MoveOptions): Promise<boolean> {
  const { source, target } = options;
  const { relocation: moved } = source;
  if (moved !== undefined && moved.to !== target.location) {
    throw new StoreOpenError(
      "store-moved",
      `${source.location} was moved to ${moved.to} before, not to ${target.location}; it can be moved only once`,
    );
  }
  const transaction = await target.begin();
  try {
    if (moved !== undefined && (await transaction.isCommitted(moved.copy))) return false;
    await copyTables(transaction, options);
    await markAndCommit(transaction, options);
    return true;
  } catch (cause) {
    throw isAfootError(cause) ? cause : nothingMovedError(cause);
  } finally {
    await transaction.close();
  }
}

async function copyTables(transaction: CopyTransaction, { source, copy, onRows }: MoveOptions): Promise<void> {
  const { tables } = source;
  await transaction.check(tables);
  for (const table of tables) {
    let written = 0;
    for (const batch of batches(source.rows(table))) {
      await transaction.write(table, batch);
      written += batch.length;
      onRows(table, written);
    }
  }
  for (const table of tables) {
    const count = await transaction.count(table);
    if (count < table.rows) {
      throw new RangeError(`${table.name}: the source has ${table.rows} rows, but the copy has ${count}`);
    }
  }
  await transaction.complete(copy, tables);
}

function nothingMovedError(cause: unknown): StoreUnavailableError {
  const advice = "Nothing was moved, and the source is unchanged: fix the problem and start the copy again";
  return new StoreUnavailableError(`${messageOf(cause)}. ${advice}`, { cause });
}

/** Marks the source before the commit. A process that dies between the two leaves no store that opens, instead of two. */
async function markAndCommit(transaction: CopyTransaction, { source, target, copy, at }: MoveOptions): Promise<void> {
  const moved: Relocation = { copy, to: target.location, at };
  source.markRelocated(moved);
  try {
    await transaction.commit();
  } catch (cause) {
    await transaction.close();
    if (await isCommitted(target, copy)) return;
    source.markRelocated(undefined);
    throw nothingMovedError(cause);
  }
}

async function isCommitted(target: CopyTarget, copy: string): Promise<boolean> {
  let transaction: CopyTransaction;
  try {
    transaction = await target.begin();
  } catch (cause) {
    throw new StoreUnavailableError(
      `${messageOf(cause)}. It is unknown if the copy was committed, so the source does not open either: ` +
        "fix the problem and start the same copy again, which detects the outcome and finishes",
      { cause },
    );
  }
  try {
    return await transaction.isCommitted(copy);
  } finally {
    await transaction.close();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
