/** What of settled operations is counted over, and how long it is kept. */
export interface Period {
  readonly ms: number;
  readonly keptMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Short periods for what has just happened, long ones for what was: each view reads about a hundred of one length. */
export const PERIODS = {
  minute: { ms: MINUTE, keptMs: 3 * HOUR },
  quarter: { ms: 15 * MINUTE, keptMs: 2 * DAY },
  hour: { ms: HOUR, keptMs: 8 * DAY },
  shift: { ms: 6 * HOUR, keptMs: 31 * DAY },
} as const satisfies Record<string, Period>;

/** How many classes of durations there are to each doubling. */
const CLASSES = 2;

/** The class of a duration: 0 for a millisecond and less. */
export function bucketOf(durationMs: number): number {
  return durationMs <= 1 ? 0 : Math.ceil(CLASSES * Math.log2(durationMs));
}

/** The longest duration of a class. */
function longestOf(bucket: number): number {
  return 2 ** (bucket / CLASSES);
}

/** The duration below which this part of all lies, from how many there are of each class; evenly spread within one; 0 for none. */
export function percentile(counts: ReadonlyMap<number, number>, part: number): number {
  const ordered = [...counts].toSorted(([a], [b]) => a - b);
  const total = ordered.reduce((sum, [, count]) => sum + count, 0);
  let before = 0;
  for (const [bucket, count] of ordered) {
    const within = (total * part - before) / count;
    if (within <= 1) {
      const shortest = bucket === 0 ? 0 : longestOf(bucket - 1);
      return Math.round(shortest + (longestOf(bucket) - shortest) * Math.max(0, within));
    }
    before += count;
  }
  return 0;
}
