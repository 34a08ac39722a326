import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { PostgresError } from "./postgres-error.ts";

export interface RetryOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** How long what failed for the way to the database is tried again before the caller is told. @default 1000 */
  readonly maxRetryMs?: number;
}

/** Runs what may be repeated as it is, and repeats it where that may help. */
export type Retry = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** How often a race may be lost: each time another transaction has won it. What loses on, collides with what is stored. */
const MAX_CONFLICTS = 5;

const MIN_PAUSE_MS = 20;

export function createRetry({ clock, maxRetryMs: lostMs = 1000 }: RetryOptions): Retry {
  return async (run) => {
    const until = clock.monotonic() + lostMs;
    let conflicts = 0;
    for (let pauseMs = 0; ; pauseMs = Math.max(MIN_PAUSE_MS, pauseMs * 2)) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error;
        const isRetryable =
          error.kind === "race"
            ? ++conflicts < MAX_CONFLICTS
            : error.kind === "lost" && clock.monotonic() + pauseMs < until;
        if (!isRetryable) throw error;
        // At first at once: of a server that was restarted the pool may still hold an old connection. Then by a timer that, unlike the
        // clock's, keeps the process alive: somebody waits for the answer.
        if (error.kind === "lost" && pauseMs > 0) await pause(pauseMs);
      }
    }
  };
}
