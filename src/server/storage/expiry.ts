import { type AcceptChange, stampOf } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { createId } from "../../core/ids.ts";
import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type { ListPosition, Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "./commit.ts";
import { createPurger, type PurgerOptions } from "./purger.ts";

export interface ExpiryOptions {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "list" | "read">;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
}

/** Maximum number of resources examined at once. */
const BATCH_SIZE = 200;
/** Pause between batches, so that other requests come first. */
const BATCH_PAUSE_MS = 50;
const INTERVAL_MS = 60_000;

/** Deletes settled resources whose type retains them for a limited time, as a client would delete them. */
export interface Expiry extends PeriodicTask {
  /** Examines the next batch of resources. Resolves to false after the last one. */
  readonly examine: () => Promise<boolean>;
}

export function createExpiry({ types, store, commit, clock, log }: ExpiryOptions): Expiry {
  const expiring = types.flatMap(({ name, settledMs, children }) => {
    const childTypes = (): ReadonlySet<string> =>
      new Set([...(children?.types().values() ?? [])].map((each) => each.name));
    return settledMs === undefined ? [] : [{ name, settledMs, childTypes }];
  });
  let index = 0;
  let after: ListPosition | undefined;

  const examine = async (): Promise<boolean> => {
    const type = expiring[index];
    if (type === undefined) return false;
    const at = clock.now();
    const settledUntil = at - type.settledMs;
    // A resource is not settled before its creation, so younger ones need not be read.
    const from = after ?? { createdAt: settledUntil + 1, id: "" };
    const rows = await store.list({ type: type.name, limit: BATCH_SIZE, after: from });
    const isExpired = ({ operation: { settledAt } }: Resource): boolean =>
      settledAt !== null && settledAt <= settledUntil;
    const expired = rows.filter(isExpired);
    const isNeeded = await Promise.all(expired.map((row) => hasRelativeInProgress(store, type.childTypes(), row)));
    await commit(expired.filter((_, position) => isNeeded[position] === false).map((row) => deletionOf(row, at)));
    after = rows.length < BATCH_SIZE ? undefined : rows.at(-1);
    if (after === undefined) index = (index + 1) % expiring.length;
    return after !== undefined || index > 0;
  };

  /** Returns a delete that is refused if the resource has changed since it was read. */
  function deletionOf({ type, id, creation, edit, operation: { turn } }: Resource, at: number): AcceptChange {
    const operation = { id: createId(at), kind: "delete", ...(turn === null ? {} : { turn }) };
    return { change: "accept", key: { type, id }, expect: { creation, edit }, operation, ...stampOf(clock, at) };
  }

  const runOnce = async (): Promise<number> => {
    try {
      return (await examine()) ? BATCH_PAUSE_MS : INTERVAL_MS;
    } catch (error) {
      warnOfWrite(log, { error }, "failed to delete expired resources; retrying");
      return INTERVAL_MS;
    }
  };
  const task = periodicTask(clock, runOnce, BATCH_PAUSE_MS);
  const start = expiring.length === 0 ? (): void => {} : task.start;
  return { examine, start, stop: task.stop };
}

/** Maximum number of children of one type that are examined. */
const MAX_CHILDREN = 1000;

/** Resolves to true while work of the parent may still read the resource, or while a delete would cancel a child. */
async function hasRelativeInProgress(
  store: ExpiryOptions["store"],
  childTypes: ReadonlySet<string>,
  { type, id, parent }: Resource,
): Promise<boolean> {
  const relatives = await Promise.all([
    parent === null ? [] : store.read([parent]),
    ...[...childTypes].map((child) => store.list({ type: child, parent: { type, id }, limit: MAX_CHILDREN })),
  ]);
  return relatives.flat().some((row) => row?.operation.settledAt === null);
}

/** Creates the tasks that remove what is no longer retained. */
export function createRetentionTasks(options: ExpiryOptions & PurgerOptions): readonly PeriodicTask[] {
  return [createPurger(options), createExpiry(options)];
}
