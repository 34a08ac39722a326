const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Round intervals between two ticks. */
const TICK_INTERVALS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 4, 7, 14, 28].map((days) => days * DAY),
];

const MAX_TICKS = 5;

/** Returns the offsets of the ticks within a period, in milliseconds from its start. */
export function tickOffsets(totalMs: number): readonly number[] {
  const interval = TICK_INTERVALS_MS.find((each) => totalMs / each <= MAX_TICKS) ?? totalMs;
  return Array.from({ length: Math.floor(totalMs / interval) + 1 }, (_, index) => index * interval);
}
