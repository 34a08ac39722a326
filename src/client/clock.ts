import type { Clock } from "../core/scheduling/clock.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock, with timers that keep a process alive: one that waits for a resource has something to do. */
export const clientClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};
