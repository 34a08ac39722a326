import type { Change } from "../../../core/change.ts";
import { StaleClockError } from "../../../core/errors.ts";
import type { ApplyResult } from "../../../core/ports/store.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { PostgresError, messageOf } from "../connection/postgres-error.ts";
import { type BatchApplyingOptions, createBatchApplying, LOCKED, withLocked } from "./apply-batch.ts";
import { HeldRows } from "./held-rows.ts";

/** The result of a change, or the reason why the store cannot hold it. */
export type Outcome = { readonly applied: ApplyResult } | { readonly refused: string };

/** Applies changes in their order. @throws PostgresError */
export type Applying = (changes: readonly Change[], maxClockDriftMs: number) => Promise<readonly Outcome[]>;

export interface ApplyingOptions extends Omit<BatchApplyingOptions, "heldRows"> {
  readonly clock: Pick<Clock, "monotonic">;
}

/** Maximum number of changes that share a transaction. */
const MAX_BATCH_SIZE = 500;

export function createApplying(options: ApplyingOptions): Applying {
  const heldRows = new HeldRows(options.clock);

  const { applyWaiting, applySkipping } = createBatchApplying({ ...options, heldRows });

  /** Applies a batch. If an entry is rejected, bisects the batch until that entry is alone. */
  const applyBisected = async (
    changes: readonly Change[],
    maxClockDriftMs: number,
    isSkipping: boolean,
  ): Promise<readonly Outcome[]> => {
    try {
      const applied = await (isSkipping ? applySkipping : applyWaiting)(changes, maxClockDriftMs);
      return applied.map((each) => ({ applied: each }));
    } catch (error) {
      if (isLockTimeout(error) && !isSkipping) return applyBisected(changes, maxClockDriftMs, true);
      if (!isEntryError(error)) throw error;
      const [change] = changes;
      if (changes.length === 1 && change !== undefined) return [outcomeOf(change, error)];
    }
    const half = Math.ceil(changes.length / 2);
    return [
      ...(await applyBisected(changes.slice(0, half), maxClockDriftMs, isSkipping)),
      ...(await applyBisected(changes.slice(half), maxClockDriftMs, isSkipping)),
    ];
  };

  const outcomeOf = (change: Change, error: unknown): Outcome => {
    if (!isLockTimeout(error)) return { refused: messageOf(error) };
    heldRows.addInsert(change);
    return { applied: LOCKED };
  };

  /** Applies the changes whose rows were not held a moment ago. */
  const applyUnheld: Applying = async (changes, maxClockDriftMs) => {
    const held = new Set(changes.filter((change) => heldRows.isHeld(change)));
    const unheld = changes.filter((change) => !held.has(change));
    const isSkipping = unheld.some((change) => heldRows.mayBeHeld(change));
    const outcomes = unheld.length === 0 ? [] : await applyBisected(unheld, maxClockDriftMs, isSkipping);
    return withLocked(changes, (change) => held.has(change), outcomes, { applied: LOCKED });
  };

  return async (changes, maxClockDriftMs) => {
    const outcomes: Outcome[] = [];
    for (let from = 0; from < changes.length; from += MAX_BATCH_SIZE) {
      outcomes.push(...(await applyUnheld(changes.slice(from, from + MAX_BATCH_SIZE), maxClockDriftMs)));
    }
    return outcomes;
  };
}

/**
 * Returns true if the error concerns a single entry (rejected value, unique violation, or encoding failure), so
 * bisecting helps.
 */
function isEntryError(error: unknown): boolean {
  if (error instanceof StaleClockError) return false;
  if (!(error instanceof PostgresError)) return true;
  return error.kind === "entry" || error.kind === "locked" || error.sqlState === "23505";
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof PostgresError && error.kind === "locked";
}
