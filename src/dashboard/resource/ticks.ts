const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances that are read at a glance. */
const DISTANCES = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 4, 7, 14, 28].map((days) => days * DAY),
];

const MOST_TICKS = 5;

/** Where a stretch of time is marked, in milliseconds from its beginning. */
export function ticksOf(totalMs: number): readonly number[] {
  const distance = DISTANCES.find((each) => totalMs / each <= MOST_TICKS) ?? totalMs;
  return Array.from({ length: Math.floor(totalMs / distance) + 1 }, (_, index) => index * distance);
}
