import type { Clock } from "../../core/ports/clock.ts";
import type { Store, TypeCount } from "../../core/ports/store.ts";

/** Counts what is in progress, never more often than the store bears: what took long to count is kept for long. */
export type Counting = () => Promise<readonly TypeCount[]>;

const KEPT_MS = 100;
const MOST_KEPT_MS = 60_000;
/** Counting takes a twentieth of a store's time at most. */
const SHARE = 20;

export function createCounting(store: Pick<Store, "counts">, clock: Pick<Clock, "monotonic">): Counting {
  let counted: { readonly counts: Promise<readonly TypeCount[]>; until: number } | undefined;
  return () => {
    const beganAt = clock.monotonic();
    if (counted !== undefined && beganAt < counted.until) return counted.counts;
    const counts = store.counts();
    const counting = { counts, until: Infinity };
    counted = counting;
    counts.then(
      () => {
        const now = clock.monotonic();
        counting.until = now + Math.min(MOST_KEPT_MS, Math.max(KEPT_MS, (now - beganAt) * SHARE));
      },
      () => {
        counting.until = 0;
      },
    );
    return counts;
  };
}
