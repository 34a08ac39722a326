import type { Clock } from "./clock.ts";

/** A task that repeats while a server runs. */
export interface PeriodicTask {
  readonly start: () => void;
  /** Stops the repetition. Resolves once the run in flight has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Creates a task that repeats `runOnce`, which returns the pause before the next run in milliseconds and must not
 * throw.
 */
export function periodicTask(clock: Clock, runOnce: () => Promise<number>, firstMs = 0): PeriodicTask {
  let cancelTimer: (() => void) | undefined;
  let inFlight: Promise<void> | undefined;
  let isStopped = true;

  const scheduleNext = (pauseMs: number): void => {
    if (isStopped) return;
    cancelTimer = clock.after(pauseMs, () => {
      inFlight = runOnce().then(scheduleNext);
    });
  };

  return {
    start() {
      isStopped = false;
      scheduleNext(firstMs);
    },
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await inFlight;
    },
  };
}
