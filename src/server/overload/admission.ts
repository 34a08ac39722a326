import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";

/** In which order requests are refused when there is more than can be done: what adds to it, what can wait, and last the rest. */
export type Priority = "write" | "hold" | "rest";

export interface Admission {
  /** Whether a request may be served now. */
  readonly admits: (rank: Priority) => boolean;
  /** Runs a write of a client, whose delay tells how much there is to do. */
  readonly write: <Result>(run: () => Promise<Result>) => Promise<Result>;
  /** How many writes are committed in a second at the moment. */
  readonly ratePerSecond: () => number;
  /** Is told again and again how late the event loop is. */
  readonly recordLag: (ms: number) => void;
}

export interface AdmissionParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** How long writes may take, and the event loop be late, before requests are refused. */
  readonly targetMs: number;
}

/** How long delays are gathered before they are judged. */
const WINDOW_MS = 100;
/** For how long nothing must have been refused before it is taken to be over. */
const RECOVERY_MS = 1000;
/** So many writes may be under way in any case: fewer are no queue, and would leave a store idle that commits in groups. */
const MIN_IN_FLIGHT = 256;
/** And so many at most: each holds its body. */
const MAX_IN_FLIGHT = 10_000;
/** How much later than the target the event loop is before the rest is refused too. */
const OTHER_LAG_FACTOR = 4;
/** One that was late once has collected garbage; one that stays late has too much to do. */
const LAG_SAMPLES = 3;

/**
 * Decides by how long writes wait. By Little's law that is how many are under way, divided by how many are done in a millisecond:
 * where it is more than the target, only as many are let in as make it the target, at the rate that the store has just now. A burst
 * passes that the store is through with in this time; a store that is slow but not full refuses nothing.
 *
 * @see https://queue.acm.org/detail.cfm?id=2209336 for telling a queue that stands from one that drains
 */
export function createAdmission({ clock, targetMs }: AdmissionParts): Admission {
  let inFlight = 0;
  let window = { beganAt: clock.monotonic(), fastestMs: Infinity, done: 0 };
  let ratePerMs = 0;
  let isOverloaded = false;
  let rejectedAt = -Infinity;
  let recentLagsMs: readonly number[] = [0];

  const evaluate = (): void => {
    const now = clock.monotonic();
    const elapsedMs = now - window.beganAt;
    if (elapsedMs < WINDOW_MS) return;
    const rate = window.done / elapsedMs;
    // Whoever comes last waits for all that came before.
    const isQueueTooLong = window.done > 0 ? inFlight > rate * targetMs : elapsedMs > targetMs;
    const isQueueStanding = inFlight >= MIN_IN_FLIGHT && (isQueueTooLong || window.fastestMs > targetMs);
    if (isQueueStanding && !isOverloaded) rejectedAt = now;
    // The rate is that of a busy store alone: one with little to do does as little as is asked of it.
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
    admits(rank) {
      if (rank === "write") {
        if (!isFull()) return true;
        rejectedAt = clock.monotonic();
        return false;
      }
      const lagMs = Math.min(...recentLagsMs);
      return rank === "hold" ? !isOverloaded && lagMs <= targetMs : lagMs <= targetMs * OTHER_LAG_FACTOR;
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
      evaluate();
    },
  };
}

const LAG_CHECK_INTERVAL_MS = 100;

/** An admission that is told how late the event loop is: by so much later than asked for a timer comes. */
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
