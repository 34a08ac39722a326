import type { Change } from "../../core/change.ts";
import { isAfootError } from "../../core/errors.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Notice } from "../../core/ports/messages.ts";
import type { Applied, Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { batch } from "../../core/scheduling/batch.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Histogram } from "../../telemetry/metric.ts";

/** Commits changes and tells whom they concern. Every write of a server goes through it. */
export type Commit = (changes: readonly Change[]) => Promise<readonly Applied[]>;

/** How many groups of changes may be under way in the store: while one is being synced to disk, the next one is folded. */
const GROUPS_UNDER_WAY = 2;

export interface CommitParts {
  readonly store: Pick<Store, "apply" | "sharing">;
  readonly broker: Pick<Broker, "announce" | "wake" | "isShared">;
  readonly clock: Pick<Clock, "monotonic">;
  /** Is shown every row that was changed, as committed. */
  readonly observe: (resource: Resource) => void;
  readonly metrics: { readonly commits: Histogram; readonly commitSizes: Histogram };
}

/** What came of one change of a group. */
type Outcome = { readonly applied: Applied } | { readonly error: unknown };

/**
 * Commits in groups: what arrives in the same turn goes to the store together, and is announced together after the commit, to
 * held GETs and to workers that should abort; workers are woken for what is due, or will be.
 */
export function createCommit({ store, broker, clock, observe, metrics }: CommitParts): Commit {
  const durations = metrics.commits.of({});
  const sizes = metrics.commitSizes.of({});
  const commit = batch<Change, Outcome>(
    async (changes) => {
      const beganAt = clock.monotonic();
      const outcomes = await outcomesOf(store, changes);
      durations.record((clock.monotonic() - beganAt) / 1000);
      sizes.record(changes.length);
      const changed = outcomes.flatMap(changedBy);
      announce(broker, changed);
      for (const resource of changed) observe(resource);
      return outcomes;
    },
    { concurrency: GROUPS_UNDER_WAY },
  );
  // A store of this process alone commits in the order of its calls: claims that follow at once get what is accepted just now, by
  // the same commit. Elsewhere they would come before it in vain.
  const wakesBefore = store.sharing === undefined && broker.isShared !== true;
  const committed = async (change: Change): Promise<Applied> => {
    const committing = commit(change);
    if (wakesBefore && change.change === "accept") broker.wake([change.key.type]);
    const outcome = await committing;
    if ("error" in outcome) throw outcome.error;
    return outcome.applied;
  };
  return (changes) => Promise.all(changes.map(committed));
}

/**
 * Applies all in one call. It rejects for a change that the store cannot hold, once all others have come to effect: then each is
 * repeated by itself, which tells what became of it.
 */
async function outcomesOf(store: Pick<Store, "apply">, changes: readonly Change[]): Promise<readonly Outcome[]> {
  try {
    const results = await store.apply(changes);
    if (results.length !== changes.length) throw new RangeError(`${changes.length} changes, ${results.length} results`);
    return results.map((applied) => ({ applied }));
  } catch (error) {
    if (changes.length === 1 || !isAfootError(error) || error.code !== "store-refused") {
      return changes.map(() => ({ error }));
    }
  }
  return Promise.all(changes.map((change) => outcomeOf(store, change)));
}

/** Of a change that has come to effect already, and of which nobody has heard yet. */
async function outcomeOf(store: Pick<Store, "apply">, change: Change): Promise<Outcome> {
  try {
    const [applied] = await store.apply([change]);
    if (applied === undefined) throw new RangeError("the store gave no result for a change");
    return { applied: applied.outcome === "unchanged" ? { ...applied, outcome: "applied" } : applied };
  } catch (error) {
    return { error };
  }
}

function changedBy(outcome: Outcome): readonly Resource[] {
  if ("error" in outcome) return [];
  const { outcome: result, resource } = outcome.applied;
  return result === "applied" && resource !== undefined ? [resource] : [];
}

function announce(broker: CommitParts["broker"], changed: readonly Resource[]): void {
  const notices = new Map<string, Notice>();
  const due = new Set<string>();
  for (const resource of changed) {
    notices.set(`${resource.type}/${resource.id}`, noticeOf(resource));
    if (resource.operation.dueAt !== null) due.add(resource.type);
  }
  if (notices.size > 0) broker.announce([...notices.values()]);
  if (due.size > 0) broker.wake([...due]);
}

function noticeOf({ type, id, version, operation }: Resource): Notice {
  if (operation.state !== "cancelling" || operation.worker === null) return { type, id, version };
  const { worker, attempt } = operation;
  return { type, id, version, abort: { worker, operation: operation.id, attempt } };
}
