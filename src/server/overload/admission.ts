import type { Clock } from "../../core/scheduling/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";

/** In which order requests are refused when there is more than can be done: what adds to it, what can wait, and last the rest. */
export type Rank = "write" | "hold" | "rest";

export interface Admission {
  /** Whether a request may be served now. */
  readonly admits: (rank: Rank) => boolean;
  /** Runs a write of a client, whose delay tells how much there is to do. */
  readonly write: <Result>(run: () => Promise<Result>) => Promise<Result>;
  /** How many writes are committed in a second at the moment. */
  readonly ratePerSecond: () => number;
  /** Is told again and again how late the event loop is. */
  readonly lagged: (ms: number) => void;
}

export interface AdmissionParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** How long writes may take, and the event loop be late, before requests are refused. */
  readonly targetMs: number;
}

/** How long delays are gathered before they are judged. */
const WINDOW_MS = 100;
/** For how long nothing must have been refused before it is taken to be over. */
const CALM_MS = 1000;
/** So many writes may be under way in any case: fewer are no queue, and would leave a store idle that commits in groups. */
const LEAST = 256;
/** And so many at most: each holds its body. */
const MOST = 10_000;
/** How much later than the target the event loop is before the rest is refused too. */
const REST_FACTOR = 4;
/** One that was late once has collected garbage; one that stays late has too much to do. */
const LAGS = 3;

/**
 * Decides by how long writes wait. By Little's law that is how many are under way, divided by how many are done in a millisecond:
 * where it is more than the target, only as many are let in as make it the target, at the rate that the store has just now. A burst
 * passes that the store is through with in this time; a store that is slow but not full refuses nothing.
 *
 * @see https://queue.acm.org/detail.cfm?id=2209336 for telling a queue that stands from one that drains
 */
export function createAdmission({ clock, targetMs }: AdmissionParts): Admission {
  let underWay = 0;
  let window = { beganAt: clock.monotonic(), fastestMs: Infinity, done: 0 };
  let ratePerMs = 0;
  let isCrowded = false;
  let refusedAt = -Infinity;
  let lags: readonly number[] = [0];

  const judge = (): void => {
    const now = clock.monotonic();
    const passedMs = now - window.beganAt;
    if (passedMs < WINDOW_MS) return;
    const rate = window.done / passedMs;
    // Whoever comes last waits for all that came before.
    const isQueue = window.done > 0 ? underWay > rate * targetMs : passedMs > targetMs;
    const isStanding = underWay >= LEAST && (isQueue || window.fastestMs > targetMs);
    if (isStanding && !isCrowded) refusedAt = now;
    // The rate is that of a busy store alone: one with little to do does as little as is asked of it.
    ratePerMs = isCrowded ? ratePerMs + (rate - ratePerMs) / 5 : rate;
    isCrowded = isStanding || (isCrowded && now - refusedAt <= CALM_MS);
    window = { beganAt: now, fastestMs: Infinity, done: 0 };
  };

  const isFull = (): boolean => {
    judge();
    const limit = isCrowded ? Math.max(LEAST, ratePerMs * targetMs) : MOST;
    return underWay >= limit;
  };

  return {
    admits(rank) {
      if (rank === "write") {
        if (!isFull()) return true;
        refusedAt = clock.monotonic();
        return false;
      }
      const lagMs = Math.min(...lags);
      return rank === "hold" ? !isCrowded && lagMs <= targetMs : lagMs <= targetMs * REST_FACTOR;
    },
    async write(run) {
      const beganAt = clock.monotonic();
      underWay++;
      try {
        return await run();
      } finally {
        underWay--;
        window.fastestMs = Math.min(window.fastestMs, clock.monotonic() - beganAt);
        window.done++;
      }
    },
    ratePerSecond: () => ratePerMs * 1000,
    lagged(ms) {
      lags = [...lags.slice(1 - LAGS), ms];
      judge();
    },
  };
}

const EVERY_MS = 100;

/** An admission that is told how late the event loop is: by so much later than asked for a timer comes. */
export function createWatchedAdmission(
  clock: Clock,
  targetMs: number,
): { readonly admission: Admission; readonly watch: Recurring } {
  const admission = createAdmission({ clock, targetMs });
  let dueAt = Infinity;
  const watch = recurring(clock, async () => {
    const now = clock.monotonic();
    admission.lagged(Math.max(0, now - dueAt));
    dueAt = now + EVERY_MS;
    return EVERY_MS;
  });
  return { admission, watch };
}
