import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../core/policy.ts";
import { applyChange } from "./apply-change.ts";
import { createClaiming } from "./claim.ts";
import type { Answer, WriteCall } from "./protocol.ts";
import { createPurging } from "./purge.ts";
import { isFault, isOfEntry, messageOf } from "./sqlite-errors.ts";
import type { Tables } from "./tables.ts";

/** Runs a group of calls in one transaction. Throws when nobody can say any more what is stored. */
export type Commit = (calls: readonly WriteCall[]) => readonly Answer[];

type Run = () => unknown;

export function createCommit(tables: Tables, policies: Policies): Commit {
  const { database, resources, undoLog } = tables;
  const runsOf = createRuns(tables, policies);

  const together = (groups: readonly (readonly Run[])[]): Answer[] =>
    inTransaction(tables, () => {
      const answers = groups.map((runs): Answer => ({ answer: "results", results: runs.map((run) => run()) }));
      resources.flush();
      return answers;
    });

  const alone = (run: Run): { readonly result: unknown } | { readonly refused: string } => {
    const mark = undoLog.mark();
    database.exec("savepoint entry");
    try {
      const result = run();
      resources.flush();
      database.exec("release entry");
      return { result };
    } catch (error) {
      if (!isOfEntry(error)) throw error;
      undoLog.backTo(mark);
      resources.forget();
      database.exec("rollback to entry; release entry");
      return { refused: messageOf(error) };
    }
  };

  const oneByOne = (groups: readonly (readonly Run[])[]): Answer[] =>
    inTransaction(tables, () =>
      groups.map((runs): Answer => {
        const outcomes = runs.map(alone);
        const refused = outcomes.flatMap((outcome) => ("refused" in outcome ? [outcome.refused] : []));
        if (refused.length > 0) return { answer: "refused", message: refused.join("; ") };
        return {
          answer: "results",
          results: outcomes.map((outcome) => ("result" in outcome ? outcome.result : undefined)),
        };
      }),
    );

  return (calls) => {
    const groups = calls.map(runsOf);
    try {
      return together(groups);
    } catch (error) {
      if (error instanceof NotBegun) return calls.map(() => ({ answer: "unavailable", message: error.message }));
      if (error instanceof CommitFailed || !isOfEntry(error)) throw error;
    }
    return oneByOne(groups);
  };
}

function createRuns(tables: Tables, policies: Policies): (call: WriteCall) => readonly Run[] {
  const claim = createClaiming(tables, policies);
  const purge = createPurging(tables);
  return (call) => {
    switch (call.call) {
      case "apply":
        return call.entries.map((change) => () => applyChange(tables, policies, change));
      case "claim":
        return call.entries.map((request) => () => claim(request));
      case "saveDurations":
        return call.entries.map((samples) => () => tables.saveDurations(samples));
      case "purge":
        return call.entries.map((request) => () => purge(request));
      case "counts":
        return call.entries.map(() => () => tables.inProgress.counts());
    }
  };
}

/** The transaction never began, so nothing of it is stored. */
class NotBegun extends Error {}

/** Whether it is stored, nobody knows. */
class CommitFailed extends Error {}

function begin(database: DatabaseSync): void {
  try {
    database.exec("begin immediate");
  } catch (error) {
    if (!isFault(error, "busy", "locked")) throw error;
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
    undoLog.backTo(0);
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
