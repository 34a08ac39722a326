import type { RepresentationOptions } from "../../core/definition/resource-type.ts";

/** Format of the time remaining in a representation. */
export type TimeFormat = RepresentationOptions["time"];

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Rounding steps by the time remaining, both in seconds. */
const STEPS: readonly (readonly [upTo: number, step: number])[] = [
  [MINUTE, 5],
  [HOUR, MINUTE],
  [6 * HOUR, 5 * MINUTE],
  [DAY, 15 * MINUTE],
  [7 * DAY, HOUR],
  [Number.POSITIVE_INFINITY, DAY],
];

/**
 * Rounds a remaining time up to whole seconds, coarsely: the text changes seldom and never flickers between two values.
 */
export function coarseSeconds(ms: number): number {
  const seconds = Math.max(1, ms / 1000);
  for (const [upTo, step] of STEPS) {
    if (seconds <= upTo) return Math.ceil(seconds / step) * step;
  }
  return Math.ceil(seconds / DAY) * DAY;
}

/** Returns the JSON of a remaining time: `"15 minutes"`, `"PT15M"` or `900`. */
export function remainingJson(seconds: number, style: TimeFormat): string {
  switch (style) {
    case "seconds":
      return String(seconds);
    case "iso8601":
      return `"${isoDuration(seconds)}"`;
    case "text":
      return `"${textOf(seconds)}"`;
  }
}

/** Cache of texts. Few distinct ones exist, and formatting one takes longer than the rest of a response. */
const texts = new Map<number, string>();
const MAX_TEXTS = 1000;

function textOf(seconds: number): string {
  const known = texts.get(seconds);
  if (known !== undefined) return known;
  english ??= new Intl.DurationFormat("en", { style: "long" });
  const text = english.format(partsOf(seconds));
  if (texts.size < MAX_TEXTS) texts.set(seconds, text);
  return text;
}

/** Created on first use, because it loads the locale data of Node. */
let english: Intl.DurationFormat | undefined;

interface Parts {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

function partsOf(seconds: number): Parts {
  return {
    days: Math.floor(seconds / DAY),
    hours: Math.floor((seconds % DAY) / HOUR),
    minutes: Math.floor((seconds % HOUR) / MINUTE),
    seconds: seconds % MINUTE,
  };
}

function isoDuration(total: number): string {
  const { days, hours, minutes, seconds } = partsOf(total);
  const part = (value: number, unit: string): string => (value === 0 ? "" : `${value}${unit}`);
  const time = part(hours, "H") + part(minutes, "M") + part(seconds, "S");
  return `P${part(days, "D")}${time === "" ? "" : `T${time}`}`;
}
