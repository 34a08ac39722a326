import { batch } from "../core/batch.ts";
import type { Broker } from "../core/broker.ts";
import type { Change } from "../core/change.ts";
import type { Notice } from "../core/messages.ts";
import type { Resource } from "../core/resource.ts";
import type { Applied, Store } from "../core/store.ts";

/** Commits changes and tells whom they concern. Every write of a server goes through it. */
export type Commit = (changes: readonly Change[]) => Promise<readonly Applied[]>;

/** How many groups of changes may be under way in the store: while one is being synced to disk, the next one is folded. */
const GROUPS_UNDER_WAY = 2;

/**
 * Commits in groups: what arrives in the same turn goes to the store together, and is announced together after the commit, to
 * held GETs and to workers that should abort; workers are woken for what is due, or will be.
 *
 * @param observe is shown every row that was changed, as committed
 */
export function createCommit(store: Store, broker: Broker, observe: (resource: Resource) => void): Commit {
  const commit = batch<Change, Applied>(
    async (changes) => {
      const applied = await store.apply(changes);
      const changed = applied.flatMap(({ outcome, resource }) => (outcome === "applied" && resource !== undefined ? [resource] : []));
      announce(broker, changed);
      for (const resource of changed) observe(resource);
      return applied;
    },
    { concurrency: GROUPS_UNDER_WAY },
  );
  return (changes) => Promise.all(changes.map(commit));
}

function announce(broker: Broker, changed: readonly Resource[]): void {
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
