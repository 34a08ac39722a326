import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import { PERIODS } from "./statistics-periods.ts";

/** How long what is over is kept. */
export interface Retention {
  /** A deleted resource: until then a GET says that it was deleted. @default 86400000, a day */
  readonly deletedMs: number;
  /** The history of settled resources. @default 2592000000, thirty days */
  readonly historyMs: number;
  /** The answers to requests with an Idempotency-Key. @default 86400000, a day */
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
  /** The pause between purges. @default 60000 */
  readonly everyMs?: number;
}

/** Small enough that no other write waits noticeably for it. */
const LIMIT = 500;
/** While there is more to purge: other writes come first. */
const BREATH_MS = 50;

/** Removes what has been kept long enough, in small batches. */
export interface Purger extends Recurring {
  /** Removes one batch now. Gives how many rows went. */
  readonly purge: () => Promise<number>;
}

export function createPurger({ store, clock, log, retention, everyMs = 60_000 }: PurgerOptions): Purger {
  const purge = (): Promise<number> => {
    const now = clock.now();
    return store.purge({
      deletedBefore: now - retention.deletedMs,
      historyBefore: now - retention.historyMs,
      idempotencyBefore: now - retention.idempotencyMs,
      statisticsBefore: Object.values(PERIODS).map(({ ms, keptMs }) => ({ periodMs: ms, before: now - keptMs })),
      limit: LIMIT,
    });
  };

  const turn = async (): Promise<number> => {
    try {
      return (await purge()) >= LIMIT ? BREATH_MS : everyMs;
    } catch (error) {
      log.warn({ error }, "the purge could not reach the store; it tries again");
      return everyMs;
    }
  };

  return { purge, ...recurring(clock, turn, everyMs) };
}
