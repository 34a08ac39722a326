import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult } from "../../../core/ports/store.ts";
import { applyChange } from "../../apply-change.ts";
import type { Connections } from "../connection/connections.ts";
import { PostgresError, messageOf } from "../connection/postgres-error.ts";
import { type StoreTables, writesOf } from "../tables/tables.ts";
import { createUnitOfWork, type UnitOfWork, type UnitOfWorkState } from "../tables/unit-of-work.ts";
import type { BatchReading } from "./batch-reading.ts";
import type { InsertNew } from "./insert-new.ts";
import { readSetOf } from "./read-set.ts";

/** What came of a change, or why the store cannot hold it. */
export type Outcome = { readonly applied: ApplyResult } | { readonly refused: string };

/** Applies changes in their order. @throws Fault */
export type Applying = (changes: readonly Change[]) => Promise<readonly Outcome[]>;

export interface ApplyingOptions {
  readonly connections: Connections;
  readonly tables: StoreTables;
  readonly readBatch: BatchReading;
  readonly insertNew: InsertNew;
  readonly policies: Policies;
}

/** How many changes share a transaction at most. */
const MAX_BATCH_SIZE = 500;

export function createApplying({
  connections,
  tables,
  readBatch,
  insertNew: make,
  policies,
}: ApplyingOptions): Applying {
  const serializeLocking = createLockSerializer();

  const applyBatch = (changes: readonly Change[]): Promise<readonly ApplyResult[]> => {
    const wanted = readSetOf(changes);
    return serializeLocking(async (pass) => {
      const made = await make(changes, wanted, pass);
      if (made !== undefined) return made;
      return connections.transaction(async (transaction) => {
        const start = await readBatch(transaction, wanted).finally(pass);
        const { unitOfWork: draft, applied } = reduceBatch(start, policies, changes);
        await Promise.all([...writesOf(tables, transaction, draft), transaction.commit()]);
        return applied;
      });
    });
  };

  /** Halves a batch until what it was refused for stands alone. */
  const applyBisected: Applying = async (changes) => {
    try {
      return (await applyBatch(changes)).map((applied) => ({ applied }));
    } catch (error) {
      if (!isEntryError(error)) throw error;
      if (changes.length === 1) return [{ refused: messageOf(error) }];
    }
    const half = Math.ceil(changes.length / 2);
    return [...(await applyBisected(changes.slice(0, half))), ...(await applyBisected(changes.slice(half)))];
  };

  return async (changes) => {
    const outcomes: Outcome[] = [];
    for (let from = 0; from < changes.length; from += MAX_BATCH_SIZE) {
      outcomes.push(...(await applyBisected(changes.slice(from, from + MAX_BATCH_SIZE))));
    }
    return outcomes;
  };
}

/**
 * Lets batches that are under way at once lock their rows one after the other, in the order in which they came: the next begins when
 * the one before calls `pass`, long before its commit.
 */
function createLockSerializer(): <Result>(run: (pass: () => void) => Promise<Result>) => Promise<Result> {
  let last = Promise.resolve();
  return async (run) => {
    const before = last;
    const passed = Promise.withResolvers<void>();
    last = passed.promise;
    await before;
    try {
      return await run(passed.resolve);
    } finally {
      passed.resolve();
    }
  };
}

/** True for an error that says something of an entry: the database took it ill, it collides with what is stored, or it never got there. */
function isEntryError(error: unknown): boolean {
  if (!(error instanceof PostgresError)) return true;
  return error.kind === "entry" || error.sqlState === "23505";
}

/** What came of a batch, before it is written. */
export interface ReducedBatch {
  readonly unitOfWork: UnitOfWork;
  readonly applied: readonly ApplyResult[];
}

export function reduceBatch(start: UnitOfWorkState, policies: Policies, changes: readonly Change[]): ReducedBatch {
  const draft = createUnitOfWork(start);
  return { unitOfWork: draft, applied: changes.map((change) => applyChange(draft, policies, change)) };
}
