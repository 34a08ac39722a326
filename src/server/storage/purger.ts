import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import { PERIODS } from "./statistics-periods.ts";

/** Retention times of finished data. */
export interface Retention {
  /** Tombstones of deleted resources: during this time a GET returns 404 with the code `resource-deleted`. @default 86400000, a day */
  readonly deletedMs: number;
  /** The history of settled resources. @default 2592000000, thirty days */
  readonly historyMs: number;
  /** Stored replies to requests with an Idempotency-Key. @default 86400000, a day */
  readonly idempotencyMs: number;
}

export const DEFAULT_RETENTION: Retention = {
  deletedMs: 86_400_000,
  historyMs: 2_592_000_000,
  idempotencyMs: 86_400_000,
};

export interface PurgerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: Retention;
  /** Interval between purges. @default 60000 */
  readonly intervalMs?: number;
}

/** Maximum rows per purge: small enough that no other write waits noticeably. */
const BATCH_SIZE = 500;
/** Pause between batches while there is more to purge, so that other writes come first. */
const PURGE_PAUSE_MS = 50;

/** Removes rows whose retention time has passed, in small batches. */
export interface Purger extends PeriodicTask {
  /** Removes one batch now. Resolves to the number of rows removed. */
  readonly purge: () => Promise<number>;
}

export function createPurger({ store, clock, log, retention, intervalMs = 60_000 }: PurgerOptions): Purger {
  const purge = (): Promise<number> => {
    const now = clock.now();
    return store.purge({
      deletedBefore: now - retention.deletedMs,
      historyBefore: now - retention.historyMs,
      idempotencyBefore: now - retention.idempotencyMs,
      statisticsBefore: Object.values(PERIODS).map(({ ms, retentionMs }) => ({
        periodMs: ms,
        before: now - retentionMs,
      })),
      limit: BATCH_SIZE,
    });
  };

  const runOnce = async (): Promise<number> => {
    try {
      return (await purge()) >= BATCH_SIZE ? PURGE_PAUSE_MS : intervalMs;
    } catch (error) {
      warnOfWrite(log, { error }, "failed to purge; retrying");
      return intervalMs;
    }
  };

  return { purge, ...periodicTask(clock, runOnce, intervalMs) };
}
