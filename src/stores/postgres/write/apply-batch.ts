import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult } from "../../../core/ports/store.ts";
import type { ResourceKey } from "../../../core/resource.ts";
import type { Connections, Transaction } from "../connection/connections.ts";
import { type StoreTables, writesOf } from "../tables/tables.ts";
import { reduceBatch } from "../tables/unit-of-work.ts";
import type { BatchReading, UnlockedRows } from "./batch-reading.ts";
import { checkClock } from "./clock.ts";
import { childrenOf, concernsRow, type HeldRows } from "./held-rows.ts";
import type { InsertNew } from "./insert-new.ts";
import { parentsToLock, readSetOf } from "./read-set.ts";

export interface BatchApplyingOptions {
  readonly connections: Connections;
  readonly tables: StoreTables;
  readonly readBatch: BatchReading;
  readonly insertNew: InsertNew;
  readonly policies: Policies;
  readonly heldRows: HeldRows;
}

/** The two ways to apply a batch in one transaction. @throws PostgresError, after which nothing is stored */
export interface BatchApplying {
  /** Waits for locked rows, which other batches release soon. */
  readonly applyWaiting: ApplyBatch;
  /** Leaves out the changes of locked rows, whose result is {@link LOCKED}. */
  readonly applySkipping: ApplyBatch;
}

/** The result of a change whose row a transaction of the application holds. */
export const LOCKED: ApplyResult = { outcome: "locked" };

/** Inserts `locked` for each locked change into the results of the others. */
export function withLocked<Result>(
  changes: readonly Change[],
  isLocked: (change: Change) => boolean,
  results: readonly Result[],
  locked: Result,
): readonly Result[] {
  const remaining = [...results];
  return changes.map((change) => (isLocked(change) ? locked : remaining.shift()) ?? locked);
}

type ApplyBatch = (
  changes: readonly Change[],
  maxClockDriftMs: number,
  parents?: readonly ResourceKey[],
) => Promise<readonly ApplyResult[]>;

export function createBatchApplying(options: BatchApplyingOptions): BatchApplying {
  const { connections, tables, readBatch, insertNew, policies, heldRows } = options;
  const serializeLocking = createLockSerializer();

  const applyWaiting: ApplyBatch = async (changes, maxClockDriftMs, parents) => {
    const readSet = readSetOf(changes, parents);
    const result = await serializeLocking(async (releaseLock) => {
      const inserted = await insertNew({ changes, readSet, maxClockDriftMs }, releaseLock);
      if (inserted !== undefined) return inserted;
      return connections.transaction(async (transaction) => {
        const [state] = await Promise.all([
          readBatch.waiting(transaction, readSet).finally(releaseLock),
          checkClock(transaction, changes, maxClockDriftMs),
        ]);
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
    return "toLock" in result ? applyWaiting(changes, maxClockDriftMs, result.toLock) : result;
  };

  const applySkipping: ApplyBatch = (changes, maxClockDriftMs) => {
    const skippingLocked = async (transaction: Transaction): Promise<UnlockedRows> => {
      const [found] = await Promise.all([
        readBatch.skippingLocked(transaction, readSetOf(changes)),
        checkClock(transaction, changes, maxClockDriftMs),
      ]);
      const parents = parentsToLock(changes, found.state.rows);
      return parents.length === 0 ? found : readBatch.skippingLocked(transaction, readSetOf(changes, parents));
    };
    return serializeLocking((releaseLock) =>
      connections.transaction(async (transaction) => {
        const { state, locked } = await skippingLocked(transaction).finally(releaseLock);
        const held = [...locked, ...childrenOf(locked, state.rows)];
        const isLocked = concernsRow(held);
        const unlocked = changes.filter((change) => !isLocked(change));
        const { unitOfWork, applied } = reduceBatch(state, policies, unlocked);
        await Promise.all([...writesOf(tables, transaction, unitOfWork), transaction.commit()]);
        heldRows.remove(unlocked);
        heldRows.addRows(held);
        return withLocked(changes, isLocked, applied, LOCKED);
      }),
    );
  };

  return { applyWaiting, applySkipping };
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
