import type { Clock } from "../core/scheduling/clock.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system clock, with timers that keep the process alive: a process that waits for a resource must not end. */
export const clientClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};
