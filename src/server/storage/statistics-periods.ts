/** The period over which settled operations are counted, and the retention time of the counts. */
export interface Period {
  readonly ms: number;
  readonly retentionMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Periods of counts. Recent times have short ones, earlier times long ones: each view reads about a hundred counts of one length. */
export const PERIODS = {
  minute: { ms: MINUTE, retentionMs: 3 * HOUR },
  quarter: { ms: 15 * MINUTE, retentionMs: 2 * DAY },
  hour: { ms: HOUR, retentionMs: 8 * DAY },
  shift: { ms: 6 * HOUR, retentionMs: 31 * DAY },
} as const satisfies Record<string, Period>;

/** Number of histogram buckets per doubling of the duration. */
const BUCKETS_PER_DOUBLING = 2;

/** Returns the bucket of a duration: 0 for a millisecond or less. */
export function bucketOf(durationMs: number): number {
  return durationMs <= 1 ? 0 : Math.ceil(BUCKETS_PER_DOUBLING * Math.log2(durationMs));
}

/** Returns the longest duration of a bucket. */
function upperBoundMs(bucket: number): number {
  return 2 ** (bucket / BUCKETS_PER_DOUBLING);
}

/** Estimates a percentile from bucket counts by linear interpolation within a bucket. Returns 0 without counts. */
export function percentile(counts: ReadonlyMap<number, number>, part: number): number {
  const ordered = [...counts].toSorted(([a], [b]) => a - b);
  const total = ordered.reduce((sum, [, count]) => sum + count, 0);
  let before = 0;
  for (const [bucket, count] of ordered) {
    const within = (total * part - before) / count;
    if (within <= 1) {
      const shortest = bucket === 0 ? 0 : upperBoundMs(bucket - 1);
      return Math.round(shortest + (upperBoundMs(bucket) - shortest) * Math.max(0, within));
    }
    before += count;
  }
  return 0;
}
