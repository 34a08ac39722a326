import type { AcceptChange, Change, EarlyClaim } from "../../core/change.ts";
import { isAfootError, StoreUnavailableError } from "../../core/errors.ts";
import type { Broker } from "../../core/ports/broker.ts";
import { changeFeedMessageOf } from "../../core/ports/change-feed.ts";
import type { Log } from "../../core/ports/log.ts";
import { type ApplyResult, changedResources, type Store, requireResult } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { batch } from "../../core/scheduling/batch.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { pause } from "../../core/scheduling/pause.ts";
import type { Histogram } from "../../telemetry/metric.ts";
import { repairErrorCode } from "./repair-error-codes.ts";

/** Commits changes, then announces them. Every write of a server goes through this function. */
export type Commit = (changes: readonly Change[]) => Promise<readonly ApplyResult[]>;

/** Maximum concurrent groups: while one is synced to disk, the store applies the next one. */
const MAX_CONCURRENT_GROUPS = 2;

/** The claim of an operation with its acceptance, by a worker of this process. */
export interface EarlyClaimOffer {
  readonly claim: EarlyClaim;
  readonly onApplied: (applied: ApplyResult) => void;
  /** Called if it is unknown whether the change was applied. */
  readonly onFailed: () => void;
}

/** Finds a worker for an operation before its commit. Undefined if the operation has to wait for a claim. */
export type EarlyClaims = (change: AcceptChange) => EarlyClaimOffer | undefined;

export interface CommitParts {
  readonly store: Pick<Store, "apply" | "sharing">;
  readonly broker: Pick<Broker, "announce" | "wake" | "isShared">;
  readonly clock: Pick<Clock, "monotonic" | "after" | "random">;
  readonly log: Log;
  /** Called with every changed row, as committed. */
  readonly onCommitted: (resource: Resource) => void;
  /** @default no worker claims an operation with its acceptance */
  readonly earlyClaims?: EarlyClaims;
  readonly metrics: { readonly commits: Histogram; readonly commitSizes: Histogram };
}

/** The result of one change of a group. */
type Outcome = { readonly applied: ApplyResult } | { readonly error: unknown };

/**
 * Creates a group commit: changes of the same event-loop tick go to the store in one call. After it, change notices
 * release waiting requests and abort cancelled attempts, and wake-ups tell workers about operations that are due or
 * will be.
 */
export function createCommit(parts: CommitParts): Commit {
  const { store, broker, clock, log, onCommitted, earlyClaims, metrics } = parts;
  const durations = metrics.commits.of({});
  const sizes = metrics.commitSizes.of({});
  const commit = batch<Change, Outcome>(
    async (changes) => {
      const beganAt = clock.monotonic();
      const outcomes = await applyGroup(store, changes);
      durations.record((clock.monotonic() - beganAt) / 1000);
      sizes.record(changes.length);
      const changed = outcomes.flatMap(changedBy);
      announce(broker, changed);
      for (const resource of changed) onCommitted(resource);
      return outcomes;
    },
    { concurrency: MAX_CONCURRENT_GROUPS },
  );
  // A store that only this process uses commits in the order of its calls, so a claim that follows at once shares the
  // commit and gets the accepted operation. With a shared store or broker the claim would overtake the commit and find
  // nothing.
  const wakesBeforeCommit = store.sharing === undefined && broker.isShared !== true;
  const commitOne = async (given: Change): Promise<ApplyResult> => {
    const change = repairErrorCode(given, log);
    if (change.change !== "accept") return commitUnlocked(change, commit(change));
    const offer = earlyClaims?.(change);
    if (offer === undefined) {
      const committing = commit(change);
      if (wakesBeforeCommit) broker.wake([change.key.type]);
      return commitUnlocked(change, committing);
    }
    const claiming = { ...change, claim: offer.claim };
    try {
      const applied = await commitUnlocked(claiming, commit(claiming));
      offer.onApplied(applied);
      return applied;
    } catch (error) {
      offer.onFailed();
      throw error;
    }
  };
  /** Repeats a change until its row is not locked any more. */
  const commitUnlocked = async (change: Change, committing: Promise<Outcome>): Promise<ApplyResult> => {
    let applied = appliedOf(await committing);
    const until = clock.monotonic() + MAX_LOCKED_MS;
    while (applied.outcome === "locked") {
      if (clock.monotonic() >= until) throw new StoreUnavailableError(LOCKED);
      await pause(clock, RETRY_LOCKED_MS * (1 + clock.random()));
      applied = appliedOf(await commit(change));
    }
    return applied;
  };
  return (changes) => Promise.all(changes.map(commitOne));
}

function appliedOf(outcome: Outcome): ApplyResult {
  if ("error" in outcome) throw outcome.error;
  return outcome.applied;
}

/** Minimum pause before a change of a row is repeated that a transaction of the application holds. */
const RETRY_LOCKED_MS = 100;

/** Maximum time for which a change waits for such a row, without delaying other changes. */
const MAX_LOCKED_MS = 10_000;

const LOCKED = `A transaction of the application has held the row of the resource for ${MAX_LOCKED_MS} ms. Commit it sooner, or call later`;

/**
 * Applies all changes in one call. If the store rejects one of them, the call rejects after the others are committed.
 * Each change is then applied again by itself, which yields its own result.
 */
async function applyGroup(store: Pick<Store, "apply">, changes: readonly Change[]): Promise<readonly Outcome[]> {
  try {
    const results = await store.apply(changes);
    if (results.length !== changes.length) throw new RangeError(`${changes.length} changes, ${results.length} results`);
    return results.map((applied) => ({ applied }));
  } catch (error) {
    if (changes.length === 1 || !isAfootError(error) || !PARTIAL_CODES.has(error.code)) {
      return changes.map(() => ({ error }));
    }
  }
  return Promise.all(changes.map((change) => reapply(store, change)));
}

/**
 * Errors of a call of which some changes may be applied: one was refused, or the disk is full for those that need room.
 */
const PARTIAL_CODES: ReadonlySet<string> = new Set(["store-refused", "store-full"]);

/** Re-applies a change that may already be committed but was not announced. */
async function reapply(store: Pick<Store, "apply">, change: Change): Promise<Outcome> {
  try {
    const [result] = await store.apply([change]);
    const applied = requireResult(result);
    return { applied: applied.outcome === "unchanged" ? { ...applied, outcome: "applied" } : applied };
  } catch (error) {
    return { error };
  }
}

function changedBy(outcome: Outcome): readonly Resource[] {
  return "error" in outcome ? [] : changedResources(outcome.applied);
}

/** Publishes the notices and wake-ups of changed rows. */
export function announce(broker: Pick<Broker, "announce" | "wake">, changed: readonly Resource[]): void {
  const { notices, wakes } = changeFeedMessageOf(changed);
  if (notices.length > 0) broker.announce(notices);
  if (wakes.length > 0) broker.wake(wakes);
}
