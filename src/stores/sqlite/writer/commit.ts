import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult, GrantedOperation } from "../../../core/ports/store.ts";
import { applyChange } from "../../apply-change.ts";
import { isSqliteError, isEntryError, messageOf } from "../file/sqlite-errors.ts";
import type { Tables } from "../tables/tables.ts";
import { createClaiming } from "./claim.ts";
import { adjustToClock } from "./clock.ts";
import type { WriteReply, WriteCall } from "./protocol.ts";
import { createPurging } from "./purge.ts";

/** Runs a group of calls in one transaction. Throws if it is unknown what is stored. */
export type Commit = (calls: readonly WriteCall[]) => readonly WriteReply[];

/** A call about to run: its entries one by one, and the reply after they have run. */
interface PreparedCall {
  readonly entries: readonly (() => void)[];
  readonly reply: () => WriteReply;
}

export function createCommit(tables: Tables, policies: Policies): Commit {
  const { database, resources, undoLog } = tables;
  const prepare = createPreparing(tables, policies);

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

  return (calls) => {
    try {
      return inTransaction(tables, () => together(calls));
    } catch (error) {
      if (error instanceof NotBegun) return calls.map(() => ({ result: "unavailable", reason: error.message }));
      if (error instanceof CommitFailed || !isEntryError(error)) throw error;
    }
    return inTransaction(tables, () => oneByOne(calls));
  };
}

function createPreparing(tables: Tables, policies: Policies): (call: WriteCall) => PreparedCall {
  const claim = createClaiming(tables, policies);
  const purge = createPurging(tables);
  return (call) => {
    switch (call.call) {
      case "apply": {
        const applied: ApplyResult[] = [];
        const entries = call.changes.map((change) => () => void applied.push(applyChange(tables, policies, change)));
        return { entries, reply: () => ({ result: "applied", applied }) };
      }
      case "claim": {
        const granted: (readonly GrantedOperation[])[] = [];
        const entries = call.requests.map((request) => () => void granted.push(claim(request)));
        return { entries, reply: () => ({ result: "granted", granted }) };
      }
      case "save-durations":
        return {
          entries: call.samples.map((samples) => () => tables.saveDurations(samples)),
          reply: () => ({ result: "saved" }),
        };
      case "add-settled":
        return {
          entries: call.counts.map((count) => () => tables.addSettled(count)),
          reply: () => ({ result: "saved" }),
        };
      case "purge": {
        let removed = 0;
        return { entries: [() => void (removed = purge(call.request))], reply: () => ({ result: "purged", removed }) };
      }
      case "clock": {
        let movedMs = 0;
        const adjust = (): void => void (movedMs = adjustToClock(tables, call.reading));
        return { entries: [adjust], reply: () => ({ result: "adjusted", movedMs }) };
      }
      case "check": {
        const rewrite = (): void => tables.meta.set("written_by", tables.meta.get("written_by") ?? "");
        return { entries: [rewrite], reply: () => ({ result: "saved" }) };
      }
      case "count":
        return { entries: [], reply: () => ({ result: "counted", counts: tables.inProgress.counts() }) };
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

function inTransaction<Result>({ database, resources, undoLog }: Tables, run: () => Result): Result {
  begin(database);
  let result: Result;
  try {
    result = run();
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    undoLog.rollbackTo(0);
    resources.forget();
    throw error;
  }
  resources.forget();
  try {
    database.exec("commit");
  } catch (error) {
    throw new CommitFailed(messageOf(error), { cause: error });
  }
  undoLog.clear();
  return result;
}
