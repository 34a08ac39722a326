import type { Log } from "../../core/ports/log.ts";
import type { SettledCount, Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import { bucketOf, PERIODS } from "../storage/statistics-periods.ts";

export interface StatisticsOptions {
  readonly store: Pick<Store, "addSettled">;
  readonly clock: Clock;
  readonly log: Log;
  /** How often what was counted is stored. @default 10000 */
  readonly everyMs?: number;
}

/** Counts what was settled, and how long it took. */
export interface Statistics extends Recurring {
  /** Takes a row as it was committed. */
  readonly observe: (resource: Resource) => void;
  /** Stores what was counted since the last time, before the store closes. */
  readonly close: () => Promise<void>;
}

/** So many different counts wait for a store that is down; what is beyond them is lost, as statistics may be. */
const MOST_UNSAVED = 10_000;

/** A row that is changed later than this after its operation was settled was counted before. */
const LATE_MS = 60_000;

/** How many operations are remembered as counted. */
const MOST_COUNTED = 10_000;

/** Counts in memory, and adds to what the store keeps in batches: nothing waits for it, and every node adds to the same counts. */
export function createStatistics({ store, clock, log, everyMs = 10_000 }: StatisticsOptions): Statistics {
  let unsaved = new Map<string, SettledCount>();
  const counted = new Set<string>();

  const remember = (operation: string): void => {
    const [oldest] = counted;
    if (counted.size >= MOST_COUNTED && oldest !== undefined) counted.delete(oldest);
    counted.add(operation);
  };

  const add = (more: SettledCount): void => {
    const key = `${more.periodMs} ${more.at} ${more.outcome} ${more.bucket} ${more.kind} ${more.type}`;
    const known = unsaved.get(key);
    if (known === undefined && unsaved.size >= MOST_UNSAVED) return;
    unsaved.set(key, { ...more, count: more.count + (known?.count ?? 0) });
  };

  const save = async (): Promise<void> => {
    if (unsaved.size === 0) return;
    const saving = unsaved;
    unsaved = new Map();
    try {
      await store.addSettled([...saving.values()]);
    } catch (error) {
      for (const count of saving.values()) add(count);
      throw error;
    }
  };

  const turn = async (): Promise<number> => {
    try {
      await save();
    } catch (error) {
      log.warn({ error }, "statistics could not be stored; they are kept for the next time");
    }
    return everyMs;
  };

  return {
    observe(resource) {
      const { type, operation, updatedAt } = resource;
      const { id, kind, state, settledAt, acceptedAt } = operation;
      if (state !== "succeeded" && state !== "failed" && state !== "cancelled") return;
      // What changes a settled resource later, such as what `observe` sees, has settled nothing. Clocks of nodes differ a little.
      if (settledAt === null || updatedAt - settledAt > LATE_MS || counted.has(id)) return;
      remember(id);
      const bucket = bucketOf(settledAt - acceptedAt);
      for (const { ms } of Object.values(PERIODS)) {
        const at = Math.floor(settledAt / ms) * ms;
        add({ periodMs: ms, at, type, kind, outcome: state, bucket, count: 1 });
      }
    },
    close: save,
    ...recurring(clock, turn, everyMs),
  };
}
