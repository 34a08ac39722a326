/** The source of time and randomness. It is injected everywhere, so that tests control both. */
export interface Clock {
  /**
   * Returns the wall-clock time in milliseconds since 1970. It is shown and stored, but never decides whether a process
   * is alive.
   */
  now(): number;
  /** Returns the milliseconds of a monotonic clock with an arbitrary origin. */
  monotonic(): number;
  /** Returns a random number from 0 up to, but not including, 1. */
  random(): number;
  /** Calls back once after `ms`. The returned function cancels the timer. */
  after(ms: number, callback: () => void): () => void;
}

/** Maximum delay of a platform timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of the operating system. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    if (typeof timer === "object") timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
