import { isAfootError, StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { CopiedTable, CopySource, CopyTarget, CopyTransaction, Moved } from "../../stores/copying.ts";
import { batches } from "./batches.ts";

export interface MoveOptions {
  readonly source: CopySource;
  readonly target: CopyTarget;
  /** A new name for this copy. */
  readonly copy: string;
  readonly at: number;
  /** Called after each batch with how many rows of a table are written. */
  readonly onRows: (table: CopiedTable, written: number) => void;
}

/**
 * Moves a store: copies every table in one transaction of the target, marks the source, and commits. So at any moment at most one of
 * them opens: before the mark the source, for nothing of the target is seen; after the commit the target; in between none, until
 * the same move is asked for again, which finds out whether the commit came to be.
 *
 * @returns whether it was this call that copied; false where an earlier one had
 * @throws StoreOpenError what stands in the way; StoreUnavailableError what broke on the way. Either says whether anything was moved
 */
export async function move(options: MoveOptions): Promise<boolean> {
  const { source, target } = options;
  const { moved } = source;
  if (moved !== undefined && moved.to !== target.place) {
    throw new StoreOpenError(
      "store-moved",
      `${source.place} was moved to ${moved.to}, and not to ${target.place}; it can be copied to one place only`,
    );
  }
  const transaction = await target.begin();
  try {
    if (moved !== undefined && (await transaction.holds(moved.copy))) return false;
    await copyTables(transaction, options);
    await end(transaction, options);
    return true;
  } catch (cause) {
    throw isAfootError(cause) ? cause : nothingMoved(cause);
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
      throw new RangeError(`${table.name}: the source has ${table.rows} rows and the copy would have ${count}`);
    }
  }
  await transaction.complete(copy, tables);
}

function nothingMoved(cause: unknown): StoreUnavailableError {
  const next = "Nothing was moved, and the source is as it was: mend this, and start the copy again";
  return new StoreUnavailableError(`${messageOf(cause)}. ${next}`, { cause });
}

/** The mark comes first: a process that dies between the two leaves no store that opens, never two. */
async function end(transaction: CopyTransaction, { source, target, copy, at }: MoveOptions): Promise<void> {
  const moved: Moved = { copy, to: target.place, at };
  source.mark(moved);
  try {
    await transaction.commit();
  } catch (cause) {
    await transaction.close();
    if (await isCommitted(target, copy)) return;
    source.mark(undefined);
    throw nothingMoved(cause);
  }
}

async function isCommitted(target: CopyTarget, copy: string): Promise<boolean> {
  let transaction: CopyTransaction;
  try {
    transaction = await target.begin();
  } catch (cause) {
    throw new StoreUnavailableError(
      `${messageOf(cause)}. Before this is mended nobody can know whether the copy was committed, and the source does not open either: ` +
        "mend it, and start the same copy again, which finds out and finishes",
      { cause },
    );
  }
  try {
    return await transaction.holds(copy);
  } finally {
    await transaction.close();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
