/** A reading of the wall clock, from which a store detects that the clock was set. */
export interface ClockReading {
  /** The present instant. */
  readonly at: number;
  /**
   * The instant that the clock would show now if it had not been set since the previous reading of this process.
   * Undefined for the first reading of a process.
   */
  readonly expectedAt?: number;
}

/** A jump of the wall clock: forward if `byMs` is positive, back if it is negative. */
export interface ClockStep {
  readonly byMs: number;
  /** Only the rows updated in this range have instants from before the step. Undefined if all rows have. */
  readonly updatedBetween?: readonly [from: number, to: number];
}

/** Smaller deviations are drift, which needs no correction. */
export const MAX_CLOCK_DRIFT_MS = 60_000;

/** Maximum time in which a process writes instants of the old clock after another process has detected the step. */
const DETECTION_MS = 30_000;

/**
 * Detects a clock step. A running process knows the instant that its clock should show, so it detects steps in both
 * directions. The first reading of a process detects only a step back: time that passed while no process ran looks like
 * a step forward.
 *
 * @param seenAt the latest instant that the store has seen; undefined for a new store
 */
export function clockStepOf(seenAt: number | undefined, { at, expectedAt }: ClockReading): ClockStep | undefined {
  if (expectedAt === undefined) {
    return seenAt === undefined || at >= seenAt - MAX_CLOCK_DRIFT_MS ? undefined : { byMs: at - seenAt };
  }
  const byMs = at - expectedAt;
  if (Math.abs(byMs) <= MAX_CLOCK_DRIFT_MS) return undefined;
  const isMovedAlready = seenAt !== undefined && Math.abs(seenAt - at) < Math.abs(seenAt - expectedAt);
  // A process that has started since a step forward writes instants of the new clock.
  if (!isMovedAlready && byMs > 0) {
    return { byMs, updatedBetween: [Number.MIN_SAFE_INTEGER, expectedAt + MAX_CLOCK_DRIFT_MS] };
  }
  if (!isMovedAlready) return { byMs };
  // After a step forward, a row that was updated before the step looks like one that was moved.
  if (byMs > 0) return undefined;
  return { byMs, updatedBetween: [expectedAt - DETECTION_MS, expectedAt + MAX_CLOCK_DRIFT_MS] };
}

/**
 * Returns the instant to store as the latest one that the store has seen. A process that starts cannot tell a step
 * forward from a time in which no process ran. It leaves the stored instant, so that the running processes detect the
 * step; its own next reading stores the new one.
 */
export function seenAtAfter(seenAt: number | undefined, { at, expectedAt }: ClockReading): number {
  const isUnclear = expectedAt === undefined && seenAt !== undefined && at > seenAt + MAX_CLOCK_DRIFT_MS;
  return isUnclear ? seenAt : at;
}
