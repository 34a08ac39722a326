import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";

/**
 * Order of load shedding: writes are rejected first because they add load, then requests that want to wait, then all
 * others.
 */
export type Priority = "write" | "long-poll" | "other";

export interface Admission {
  /** True if a request of this priority can be served now. */
  readonly admits: (priority: Priority) => boolean;
  /** Runs a client's write and measures its delay. */
  readonly write: <Result>(run: () => Promise<Result>) => Promise<Result>;
  /** Returns the current number of committed writes per second. */
  readonly ratePerSecond: () => number;
  /** Records the lag of the event loop. Called periodically. */
  readonly recordLag: (ms: number) => void;
}

export interface AdmissionParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** Maximum delay of writes, and maximum lag of the event loop, before requests are rejected. */
  readonly targetMs: number;
}

/** Duration of a measurement window. */
const WINDOW_MS = 100;
/** Overload ends after this long without a rejection. */
const RECOVERY_MS = 1000;
/** Writes in flight that are always admitted. A smaller limit would leave a store idle that uses group commit. */
const MIN_IN_FLIGHT = 256;
/** Maximum writes in flight: each of them holds its body in memory. */
const MAX_IN_FLIGHT = 10_000;
/** Multiple of the target lag at which requests of the priority "other" are rejected too. */
const OTHER_LAG_FACTOR = 4;
/** Consecutive lags that must all be high. A single late tick is usually GC; only sustained lag means overload. */
const LAG_SAMPLES = 3;

/**
 * Creates an admission control by the queueing delay of writes. By Little's law, the delay is the number of writes in
 * flight divided by the commit rate. If it exceeds the target, the writes in flight are limited to the number that
 * meets the target at the current rate. A burst passes if the store can commit it within the target; a slow store
 * without a queue rejects nothing.
 *
 * @see https://queue.acm.org/detail.cfm?id=2209336 (CoDel) on standing queues and those that drain
 */
export function createAdmission({ clock, targetMs }: AdmissionParts): Admission {
  let inFlight = 0;
  let window = { beganAt: clock.monotonic(), fastestMs: Infinity, done: 0 };
  let ratePerMs = 0;
  let isOverloaded = false;
  let rejectedAt = -Infinity;
  let recentLagsMs: readonly number[] = [0];
  let lagMs = 0;

  const evaluate = (): void => {
    const now = clock.monotonic();
    const elapsedMs = now - window.beganAt;
    if (elapsedMs < WINDOW_MS) return;
    const rate = window.done / elapsedMs;
    // The last write in the queue waits for all before it.
    const isQueueTooLong = window.done > 0 ? inFlight > rate * targetMs : elapsedMs > targetMs;
    const isQueueStanding = inFlight >= MIN_IN_FLIGHT && (isQueueTooLong || window.fastestMs > targetMs);
    if (isQueueStanding && !isOverloaded) rejectedAt = now;
    // Only a busy store shows its rate: an idle one commits no more than clients send.
    ratePerMs = isOverloaded ? ratePerMs + (rate - ratePerMs) / 5 : rate;
    isOverloaded = isQueueStanding || (isOverloaded && now - rejectedAt <= RECOVERY_MS);
    window = { beganAt: now, fastestMs: Infinity, done: 0 };
  };

  const isFull = (): boolean => {
    evaluate();
    const limit = isOverloaded ? Math.max(MIN_IN_FLIGHT, ratePerMs * targetMs) : MAX_IN_FLIGHT;
    return inFlight >= limit;
  };

  return {
    admits(priority) {
      if (priority === "write") {
        if (!isFull()) return true;
        rejectedAt = clock.monotonic();
        return false;
      }
      return priority === "long-poll" ? !isOverloaded && lagMs <= targetMs : lagMs <= targetMs * OTHER_LAG_FACTOR;
    },
    async write(run) {
      const beganAt = clock.monotonic();
      inFlight++;
      try {
        return await run();
      } finally {
        inFlight--;
        window.fastestMs = Math.min(window.fastestMs, clock.monotonic() - beganAt);
        window.done++;
      }
    },
    ratePerSecond: () => ratePerMs * 1000,
    recordLag(ms) {
      recentLagsMs = [...recentLagsMs.slice(1 - LAG_SAMPLES), ms];
      lagMs = Math.min(...recentLagsMs);
      evaluate();
    },
  };
}

const LAG_CHECK_INTERVAL_MS = 100;

/** Creates an admission control with a periodic task that measures the lag of the event loop: the delay of a timer. */
export function createMonitoredAdmission(
  clock: Clock,
  targetMs: number,
): { readonly admission: Admission; readonly lagMonitor: PeriodicTask } {
  const admission = createAdmission({ clock, targetMs });
  let dueAt = Infinity;
  const watch = periodicTask(clock, async () => {
    const now = clock.monotonic();
    admission.recordLag(Math.max(0, now - dueAt));
    dueAt = now + LAG_CHECK_INTERVAL_MS;
    return LAG_CHECK_INTERVAL_MS;
  });
  return { admission, lagMonitor: watch };
}
