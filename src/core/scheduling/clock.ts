/** Where time and randomness come from. Given to everything that needs them, so that a test may hold them still. */
export interface Clock {
  /** Wall-clock instant in milliseconds since 1970. Shown and stored; never used to judge whether a process lives. */
  now(): number;
  /** Milliseconds on a clock that never goes back, from any origin. */
  monotonic(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  /** Calls back once after `ms`; the returned function takes it back. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest delay that a timer of the platform takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. Its timers do not keep a process alive. */
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
