import type { Clock } from "./clock.ts";

/** Something done again and again while a server runs. */
export interface PeriodicTask {
  readonly start: () => void;
  /** Waits for the one under way. */
  readonly stop: () => Promise<void>;
}

/** Repeats `turn`, each time after the pause that the last one gave, in milliseconds. It must not throw. */
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
