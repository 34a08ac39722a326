import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult } from "../../../core/ports/store.ts";
import type { ResourceKey } from "../../../core/resource.ts";
import type { Connections } from "../connection/connections.ts";
import { PostgresError, messageOf } from "../connection/postgres-error.ts";
import { type StoreTables, writesOf } from "../tables/tables.ts";
import { reduceBatch } from "../tables/unit-of-work.ts";
import type { BatchReading } from "./batch-reading.ts";
import type { InsertNew } from "./insert-new.ts";
import { parentsToLock, readSetOf } from "./read-set.ts";

/** The result of a change, or the reason why the store cannot hold it. */
export type Outcome = { readonly applied: ApplyResult } | { readonly refused: string };

/** Applies changes in their order. @throws PostgresError */
export type Applying = (changes: readonly Change[]) => Promise<readonly Outcome[]>;

export interface ApplyingOptions {
  readonly connections: Connections;
  readonly tables: StoreTables;
  readonly readBatch: BatchReading;
  readonly insertNew: InsertNew;
  readonly policies: Policies;
}

/** Maximum number of changes that share a transaction. */
const MAX_BATCH_SIZE = 500;

export function createApplying({ connections, tables, readBatch, insertNew, policies }: ApplyingOptions): Applying {
  const serializeLocking = createLockSerializer();

  const applyBatch = async (
    changes: readonly Change[],
    parents?: readonly ResourceKey[],
  ): Promise<readonly ApplyResult[]> => {
    const readSet = readSetOf(changes, parents);
    const result = await serializeLocking(async (releaseLock) => {
      const inserted = await insertNew(changes, readSet, releaseLock);
      if (inserted !== undefined) return inserted;
      return connections.transaction(async (transaction) => {
        const state = await readBatch(transaction, readSet).finally(releaseLock);
        const toLock = parents === undefined ? parentsToLock(changes, state.rows) : [];
        if (toLock.length > 0) {
          // Nothing was written: this only releases the locks.
          await transaction.commit(false);
          return { toLock };
        }
        const { unitOfWork, applied } = reduceBatch(state, policies, changes);
        await Promise.all([...writesOf(tables, transaction, unitOfWork), transaction.commit()]);
        return applied;
      });
    });
    return "toLock" in result ? applyBatch(changes, result.toLock) : result;
  };

  /** Applies a batch. If an entry is rejected, bisects the batch until that entry is alone. */
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
 * Serializes the row locking of concurrent batches in the order of their arrival. The next batch begins when the one
 * before calls `releaseLock`, long before its commit.
 */
function createLockSerializer(): <Result>(run: (releaseLock: () => void) => Promise<Result>) => Promise<Result> {
  let last = Promise.resolve();
  return async (run) => {
    const before = last;
    const released = Promise.withResolvers<void>();
    last = released.promise;
    await before;
    try {
      return await run(released.resolve);
    } finally {
      released.resolve();
    }
  };
}

/**
 * Returns true if the error concerns a single entry (rejected value, unique violation, or encoding failure), so
 * bisecting helps.
 */
function isEntryError(error: unknown): boolean {
  if (!(error instanceof PostgresError)) return true;
  return error.kind === "entry" || error.sqlState === "23505";
}
