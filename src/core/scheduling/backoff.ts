/** How the pause between tries grows. */
export interface Backoff {
  /** The first pause. @default 1000 */
  readonly initialMs: number;
  /** What each further pause is multiplied by. @default 2 */
  readonly factor: number;
  /** The longest pause. @default 60000 */
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { initialMs: 1000, factor: 2, maxMs: 60_000 };

/**
 * Gives the pause before the next try after `tries` of them (1 or more), in whole milliseconds: exponential with equal jitter,
 * so between half of the step and the whole of it.
 *
 * @param random a number from 0 up to 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(backoff: Backoff, tries: number, random: number): number {
  const step = Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** Math.max(0, tries - 1));
  return Math.round(step / 2 + (step / 2) * random);
}
