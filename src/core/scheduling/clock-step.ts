/** A reading of the wall clock, from which a store detects that the clock was set. The first one of a process has no more than `at`. */
export type ClockReading =
  | { readonly at: number; readonly expectedAt?: undefined }
  | {
      /** The present instant. */
      readonly at: number;
      /** The instant that the clock would show now if it had not been set since the previous reading of this process. */
      readonly expectedAt: number;
      /** The `totalMs` of the previous adjustment of this process. */
      readonly totalMs: number;
    };

/** The clock as a store keeps it. */
export interface StoredClock {
  /** The latest instant that the store has seen; undefined for a new store. */
  readonly seenAt: number | undefined;
  /** The sum of the steps by which everything in progress was moved. */
  readonly totalMs: number;
}

/** A jump of the wall clock: forward if `byMs` is positive, back if it is negative. */
export interface ClockStep {
  readonly byMs: number;
  /** Only the rows updated in this range have instants from before the step. Undefined if all rows have. */
  readonly updatedBetween?: readonly [from: number, to: number];
}

/** The consequence of a reading. */
export interface ClockAdjustment {
  /** The step by which rows have to move; undefined for none. */
  readonly step: ClockStep | undefined;
  /** The clock to store. */
  readonly stored: StoredClock;
  /** The sum of steps for the next reading of this process: that of the clock which it has read. */
  readonly totalMs: number;
}

/** The reply of a store to a reading. */
export interface AdjustedClock {
  /** Milliseconds by which rows were moved; 0 for none. */
  readonly movedMs: number;
  /** The `totalMs` for the next reading of this process. */
  readonly totalMs: number;
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
 * Processes detect a step one after the other, and one that was suspended detects several at once, as their sum. Each
 * therefore moves only by what is left of its own deviation after the steps that others have taken since.
 */
export function clockAdjustment(stored: StoredClock, reading: ClockReading): ClockAdjustment {
  const { at, expectedAt } = reading;
  if (expectedAt === undefined) return firstAdjustment(stored, at);
  const byMs = at - expectedAt;
  const after = { seenAt: at, totalMs: stored.totalMs };
  if (!isStep(byMs)) {
    // Otherwise the reading may be from before a step that another process has taken meanwhile.
    const isCurrent = stored.seenAt === undefined || !isStep(at - stored.seenAt);
    return { step: undefined, stored: after, totalMs: isCurrent ? stored.totalMs : reading.totalMs };
  }
  const takenMs = stored.totalMs - reading.totalMs;
  const leftMs = byMs - takenMs;
  if (isStep(leftMs)) return moved(at, stored.totalMs + leftMs, stepOf(leftMs, takenMs, expectedAt));
  // After a step forward, a row that was updated before the step looks like one that was moved.
  const updatedBetween = [expectedAt - DETECTION_MS, expectedAt + MAX_CLOCK_DRIFT_MS] as const;
  return { step: byMs > 0 ? undefined : { byMs, updatedBetween }, stored: after, totalMs: stored.totalMs };
}

/**
 * Returns the adjustment of a process that starts. It cannot tell a step forward from a time in which no process ran.
 * It leaves the stored instant, so that the running processes detect the step; its own next reading stores the new one.
 */
function firstAdjustment({ seenAt, totalMs }: StoredClock, at: number): ClockAdjustment {
  const byMs = seenAt === undefined ? 0 : at - seenAt;
  if (byMs < -MAX_CLOCK_DRIFT_MS) return moved(at, totalMs + byMs, { byMs });
  return { step: undefined, stored: { seenAt: isStep(byMs) ? seenAt : at, totalMs }, totalMs };
}

function moved(seenAt: number, totalMs: number, step: ClockStep): ClockAdjustment {
  return { step, stored: { seenAt, totalMs }, totalMs };
}

function stepOf(byMs: number, takenMs: number, expectedAt: number): ClockStep {
  // A process that has started since a step forward writes instants of the new clock.
  const hasNewRows = byMs > 0 && takenMs === 0;
  return hasNewRows ? { byMs, updatedBetween: [Number.MIN_SAFE_INTEGER, expectedAt + MAX_CLOCK_DRIFT_MS] } : { byMs };
}

function isStep(byMs: number): boolean {
  return Math.abs(byMs) > MAX_CLOCK_DRIFT_MS;
}
