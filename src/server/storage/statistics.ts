import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { SettledCount } from "../../core/ports/statistics.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import { bucketOf, PERIODS } from "./statistics-periods.ts";

export interface StatisticsOptions {
  /** Undefined if the store has no statistics: then nothing is counted. */
  readonly reporting: Pick<StoreReporting, "addSettledCounts"> | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Interval at which counts are stored. @default 10000 */
  readonly intervalMs?: number;
}

/** Counts settled operations by outcome and duration. */
export interface Statistics extends PeriodicTask {
  /** Counts the operation of a committed row, if it was settled. */
  readonly onCommitted: (resource: Resource) => void;
  /** Stores the pending counts, before the store closes. */
  readonly close: () => Promise<void>;
}

/** Maximum pending counts while the store is down. Further ones are lost: statistics are best effort. */
const MAX_UNSAVED = 10_000;

/** A row changed later than this after its operation was settled was counted before. */
const MAX_SETTLE_DELAY_MS = 60_000;

/** Maximum operations remembered as counted. */
const MAX_COUNTED = 10_000;

/** Counts in memory and adds batches to the counts in the store. No request waits for it; all nodes add to the same counts. */
export function createStatistics({ reporting, clock, log, intervalMs = 10_000 }: StatisticsOptions): Statistics {
  let pending = new Map<string, SettledCount>();
  const counted = new Set<string>();

  const remember = (operation: string): void => {
    const [oldest] = counted;
    if (counted.size >= MAX_COUNTED && oldest !== undefined) counted.delete(oldest);
    counted.add(operation);
  };

  const add = (more: SettledCount): void => {
    const key = `${more.periodMs} ${more.at} ${more.outcome} ${more.bucket} ${more.kind} ${more.type}`;
    const known = pending.get(key);
    if (known === undefined && pending.size >= MAX_UNSAVED) return;
    pending.set(key, { ...more, count: more.count + (known?.count ?? 0) });
  };

  const flush = async (): Promise<void> => {
    if (pending.size === 0) return;
    const saving = pending;
    pending = new Map();
    try {
      await reporting?.addSettledCounts([...saving.values()]);
    } catch (error) {
      for (const count of saving.values()) add(count);
      throw error;
    }
  };

  const runOnce = async (): Promise<number> => {
    try {
      await flush();
    } catch (error) {
      warnOfWrite(log, { error }, "failed to store statistics; retrying");
    }
    return intervalMs;
  };

  return {
    onCommitted(resource) {
      if (reporting === undefined) return;
      const { type, operation, updatedAt } = resource;
      const { id, kind, state, settledAt, acceptedAt } = operation;
      if (state !== "succeeded" && state !== "failed" && state !== "cancelled") return;
      // A later change of a settled resource, such as an observed one, settles nothing. Clocks of nodes differ a little.
      if (settledAt === null || updatedAt - settledAt > MAX_SETTLE_DELAY_MS || counted.has(id)) return;
      remember(id);
      const bucket = bucketOf(settledAt - acceptedAt);
      for (const { ms } of Object.values(PERIODS)) {
        const at = Math.floor(settledAt / ms) * ms;
        add({ periodMs: ms, at, type, kind, outcome: state, bucket, count: 1 });
      }
    },
    close: flush,
    ...periodicTask(clock, runOnce, intervalMs),
  };
}
