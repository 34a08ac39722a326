import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../../core/policy.ts";
import { isSqliteError, isEntryError, messageOf } from "../file/sqlite-errors.ts";
import type { Tables } from "../tables/tables.ts";
import type { DiskSpace } from "./disk-space.ts";
import { createPreparing } from "./prepare-call.ts";
import type { WriteReply, WriteCall } from "./protocol.ts";

/** Runs a group of calls in one transaction. Throws if it is unknown what is stored. */
export type Commit = (calls: readonly WriteCall[]) => readonly WriteReply[];

/** Maximum tries of a group on a full disk. Each gets a further part of the reserve. */
const MAX_TRIES = 10;

export function createCommit(tables: Tables, policies: Policies, space?: DiskSpace): Commit {
  const { database, resources, undoLog } = tables;
  const prepare = createPreparing(tables, policies, () => space?.isFull === true);

  const together = (calls: readonly WriteCall[]): WriteReply[] => {
    const prepared = calls.map(prepare);
    for (const { entries } of prepared) for (const run of entries) run();
    resources.flush();
    return prepared.map(({ reply }) => reply());
  };

  /** Runs one entry in a savepoint. Returns the reason if the entry was refused. */
  const alone = (run: () => void): string[] => {
    const position = undoLog.position();
    database.exec("savepoint entry");
    try {
      run();
      resources.flush();
      database.exec("release entry");
      return [];
    } catch (error) {
      if (!isEntryError(error)) throw error;
      undoLog.rollbackTo(position);
      resources.forget();
      database.exec("rollback to entry; release entry");
      return [messageOf(error)];
    }
  };

  const oneByOne = (calls: readonly WriteCall[]): WriteReply[] =>
    calls.map(prepare).map(({ entries, reply }): WriteReply => {
      const refusals = entries.flatMap(alone);
      return refusals.length > 0 ? { result: "refused", reason: refusals.join("; ") } : reply();
    });

  const commit: Commit = (calls) => {
    try {
      return inTransaction(tables, () => together(calls));
    } catch (error) {
      if (error instanceof NotBegun) return calls.map(() => ({ result: "unavailable", reason: error.message }));
      if (error instanceof CommitFailed || !isEntryError(error)) throw error;
    }
    return inTransaction(tables, () => oneByOne(calls));
  };

  return (calls) => {
    for (let tries = 1; ; tries++) {
      try {
        return commit(calls);
      } catch (error) {
        // Rolled back, so it is known that nothing is stored.
        if (!isSqliteError(error, "full")) throw error;
        if (tries === MAX_TRIES || space?.makeRoom() !== true) return calls.map(() => ({ result: "full" }));
      }
    }
  };
}

/** The transaction never began, so nothing is stored. */
class NotBegun extends Error {}

/** It is unknown whether the transaction is stored. */
class CommitFailed extends Error {}

function begin(database: DatabaseSync): void {
  try {
    database.exec("begin immediate");
  } catch (error) {
    if (!isSqliteError(error, "busy", "locked")) throw error;
    throw new NotBegun("another program has been writing to the database for seconds; end its transaction", {
      cause: error,
    });
  }
}

function inTransaction<Result>(tables: Tables, run: () => Result): Result {
  const { database, resources, undoLog } = tables;
  begin(database);
  let result: Result;
  try {
    result = run();
  } catch (error) {
    rollBack(tables);
    throw error;
  }
  resources.forget();
  try {
    database.exec("commit");
  } catch (error) {
    if (!isSqliteError(error, "full")) throw new CommitFailed(messageOf(error), { cause: error });
    // The commit record is the last write. It did not fit on the disk, so nothing is stored.
    rollBack(tables);
    throw error;
  }
  undoLog.clear();
  return result;
}

function rollBack({ database, resources, undoLog }: Tables): void {
  if (database.isTransaction) database.exec("rollback");
  undoLog.rollbackTo(0);
  resources.forget();
}
