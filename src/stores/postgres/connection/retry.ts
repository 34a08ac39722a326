import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { PostgresError } from "./postgres-error.ts";

export interface RetryOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** Maximum time of retries after connection errors. @default 1000 */
  readonly maxRetryMs?: number;
}

/** Runs an idempotent call, and retries it if that may help. */
export type Retry = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** Maximum number of conflicts: a call that still fails collides with a stored row, not with another transaction. */
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
          error.kind === "conflict"
            ? ++conflicts < MAX_CONFLICTS
            : error.kind === "connection" && clock.monotonic() + pauseMs < until;
        if (!isRetryable) throw error;
        // The first retry is immediate: after a restart of the server the pool may have had an old connection. Later
        // ones use a timer that, unlike the timers of the clock, keeps the process alive for the caller.
        if (error.kind === "connection" && pauseMs > 0) await pause(pauseMs);
      }
    }
  };
}
