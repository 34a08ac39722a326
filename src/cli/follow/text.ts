import type { Snapshot } from "../../client/index.ts";
import { RESERVED_FIELDS } from "../../core/definition/representation-fields.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { printable, printableJson } from "../printable.ts";

const BAR_WIDTH = 24;

/** Formats a representation on one line. */
export function jsonLine(representation: unknown): string {
  return printableJson(JSON.stringify(representation) ?? "null");
}

/** Formats a state as text, such as "Provisioning  50%  15 minutes left". */
export function stateLine(state: Snapshot): string {
  const { status, progress, timeRemaining } = state;
  const parts = [
    printable(status ?? "In progress"),
    ...(progress === undefined ? [] : [percent(progress)]),
    ...(timeRemaining === undefined ? [] : [`${printable(timeRemaining)} left`]),
  ];
  return parts.join("  ");
}

/** Formats a state with a bar, such as "Provisioning  ████████████░░░░░░░░░░░░  50%  15 minutes left  0:42". */
export function barLine(state: Snapshot, elapsedMs: number): string {
  const { status, progress, timeRemaining } = state;
  const parts = [
    printable(status ?? "In progress"),
    ...(progress === undefined ? [] : [bar(progress), percent(progress).padStart(4)]),
    ...(timeRemaining === undefined ? [] : [`${printable(timeRemaining)} left`]),
    clockText(elapsedMs),
  ];
  return parts.join("  ");
}

/** Formats a settled state: the label with the details of a success or the reason of a failure. */
export function endLines(state: Snapshot): readonly string[] {
  const { status, succeeded, error, representation } = state;
  if (succeeded) return [printable(status ?? "Succeeded"), ...detailLines(representation)];
  const reason = error === undefined ? "" : `: ${printable(error.detail || error.title)} (${printable(error.code)})`;
  return [`${printable(status ?? "Failed")}${reason}`];
}

function detailLines(representation: unknown): readonly string[] {
  if (!isJsonObject(representation)) return [];
  const details = Object.entries(representation).filter(([name]) => !RESERVED_FIELDS.has(name));
  return details.map(
    ([name, value]) => `  ${printable(name)}: ${printable(typeof value === "string" ? value : JSON.stringify(value))}`,
  );
}

export function bar(progress: number): string {
  const full = Math.floor(progress * BAR_WIDTH);
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}

export function percent(progress: number): string {
  return `${Math.floor(progress * 100)}%`;
}

/** Formats a duration as a clock: 42 s as "0:42", 90 minutes as "1:30:00". */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
