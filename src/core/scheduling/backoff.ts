/** The growth of the pause between tries. */
export interface Backoff {
  /** First pause. @default 1000 */
  readonly initialMs: number;
  /** Factor by which each further pause grows. @default 2 */
  readonly factor: number;
  /** Maximum pause. @default 60000 */
  readonly maxMs: number;
  /** Exact pauses, the first one first, instead of the growth. The last one repeats. @default none */
  readonly pausesMs?: readonly number[];
}

export const DEFAULT_BACKOFF: Backoff = { initialMs: 1000, factor: 2, maxMs: 60_000 };

/**
 * Returns the pause before the next try, after `tries` tries (1 or more), in whole milliseconds: exponential backoff
 * with equal jitter, between half of the full pause and all of it.
 *
 * @param random a number from 0 up to 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(backoff: Backoff, tries: number, random: number): number {
  const step = Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** Math.max(0, tries - 1));
  return Math.round(step / 2 + (step / 2) * random);
}

/** Returns the pause before the next attempt: an exact one of `pausesMs`, or else that of {@link backoffMs}. */
export function attemptPauseMs(backoff: Backoff, tries: number, random: number): number {
  const { pausesMs = [] } = backoff;
  return pausesMs[Math.min(tries, pausesMs.length) - 1] ?? backoffMs(backoff, tries, random);
}
