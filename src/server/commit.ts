import type { Broker } from "../core/broker.ts";
import type { Change } from "../core/change.ts";
import type { Notice } from "../core/messages.ts";
import type { Applied, Store } from "../core/store.ts";
import type { Resource } from "../core/resource.ts";

/** Commits changes and tells whom they concern. Every write of a server goes through it. */
export type Commit = (changes: readonly Change[]) => Promise<readonly Applied[]>;

/** After the commit: announces what has changed to held GETs and workers, and wakes workers for what is due. */
export function createCommit(store: Store, broker: Broker, now: () => number): Commit {
  return async (changes) => {
    const applied = await store.apply(changes);
    const notices: Notice[] = [];
    const due = new Set<string>();
    for (const { outcome, resource } of applied) {
      if (outcome !== "applied" || resource === undefined) continue;
      notices.push(noticeOf(resource));
      const { dueAt } = resource.operation;
      if (dueAt !== null && dueAt <= now()) due.add(resource.type);
    }
    if (notices.length > 0) broker.announce(notices);
    if (due.size > 0) broker.wake([...due]);
    return applied;
  };
}

function noticeOf({ type, id, version, operation }: Resource): Notice {
  if (operation.state !== "cancelling" || operation.worker === null) return { type, id, version };
  const { worker, attempt } = operation;
  return { type, id, version, abort: { worker, operation: operation.id, attempt } };
}
