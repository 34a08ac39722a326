import type { Clock } from "./clock.ts";

/** Something done again and again while a server runs. */
export interface PeriodicTask {
  readonly start: () => void;
  /** Waits for the one under way. */
  readonly stop: () => Promise<void>;
}

/** Repeats `turn`, each time after the pause that the last one gave, in milliseconds. It must not throw. */
export function periodicTask(clock: Clock, turn: () => Promise<number>, firstMs = 0): PeriodicTask {
  let cancelTimer: (() => void) | undefined;
  let underWay: Promise<void> | undefined;
  let isStopped = true;

  const plan = (pauseMs: number): void => {
    if (isStopped) return;
    cancelTimer = clock.after(pauseMs, () => {
      underWay = turn().then(plan);
    });
  };

  return {
    start() {
      isStopped = false;
      plan(firstMs);
    },
    async stop() {
      isStopped = true;
      cancelTimer?.();
      await underWay;
    },
  };
}
