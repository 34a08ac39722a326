const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats a duration in one or two units: "840 ms", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${Math.floor(ms / 100) / 10} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, [MINUTE, "min"], [SECOND, "s"]);
  if (ms < DAY) return twoUnits(ms, [HOUR, "h"], [MINUTE, "min"]);
  return twoUnits(ms, [DAY, "d"], [HOUR, "h"]);
}

type Unit = readonly [ms: number, name: string];

function twoUnits(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** Formats the time remaining, rounded more coarsely the longer it is. */
export function remainingText(ms: number): string {
  if (ms < 2 * SECOND) return "any moment";
  if (ms < MINUTE) return `${Math.ceil(ms / SECOND)} s left`;
  if (ms < 10 * MINUTE) return `${durationText(Math.ceil(ms / (5 * SECOND)) * 5 * SECOND)} left`;
  return `${durationText(Math.ceil(ms / MINUTE) * MINUTE)} left`;
}

/** Formats the time since an instant: "just now", "5 min ago"; after a day the date. */
export function agoText(at: number, now: number): string {
  const ms = now - at;
  if (ms < 5 * SECOND) return "just now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(at);
}

const INSTANT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function instantText(at: number): string {
  return INSTANT.format(at);
}

export function clockText(at: number): string {
  return CLOCK.format(at);
}

const COUNT_FORMAT = new Intl.NumberFormat();

export function countText(count: number): string {
  return COUNT_FORMAT.format(count);
}

/** Formats a name as a label: `allocate-disk` becomes "Allocate disk", `IPAddress` becomes "IP Address". */
export function labelText(name: string): string {
  const words = name
    .replaceAll(/[-_]+/g, " ")
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
