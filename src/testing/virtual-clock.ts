import type { Clock } from "../core/scheduling/clock.ts";
import { onAbort } from "../core/scheduling/pause.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that advances only by its methods. Share it with fakes, so that they use the same time. */
export interface VirtualClock extends Clock {
  /** Number of timers that have neither fired nor been cancelled. */
  readonly pendingTimers: number;
  /** Resolves after `ms` of virtual time, or rejects when the signal is aborted. For fakes that take their time. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Advances by `ms` and fires every timer on the way, in order. */
  readonly advance: (ms: number) => void;
  /** Advances to the next timer and fires it. Returns false if there is none. */
  readonly advanceToNext: () => boolean;
}

/**
 * Creates a clock for tests.
 *
 * @param startAt wall-clock time of the start. Default: 2026-01-01T00:00:00Z
 */
export function virtualClock(startAt = Date.parse("2026-01-01T00:00:00Z")): VirtualClock {
  const timers = new Set<Timer>();
  let elapsed = 0;

  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  };
  const fire = (timer: Timer): void => {
    timers.delete(timer);
    elapsed = Math.max(elapsed, timer.at);
    timer.callback();
  };

  const after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: elapsed + Math.max(0, ms), callback };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };

  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    random: () => 0.5,
    after,
    get pendingTimers() {
      return timers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const cancelTimer = after(ms, resolve);
        onAbort(signal, (reason) => {
          cancelTimer();
          reject(reason instanceof Error ? reason : new Error("The sleep was aborted."));
        });
      }),
    advance(ms) {
      const until = elapsed + Math.max(0, ms);
      for (let timer = next(until); timer !== undefined; timer = next(until)) fire(timer);
      elapsed = until;
    },
    advanceToNext() {
      const timer = next(Infinity);
      if (timer !== undefined) fire(timer);
      return timer !== undefined;
    },
  };
}
