import type { Snapshot } from "../../client/index.ts";
import { RESERVED_FIELDS } from "../../core/definition/define-resource.ts";
import { isJsonObject } from "../../core/json/json.ts";

const BAR_CELLS = 24;

/** A text of others, with nothing in it that a terminal would act on. */
export function plain(text: string): string {
  return text.replaceAll(/\p{C}+/gu, " ");
}

/** A representation on one line. A terminal takes U+0080 to U+009F for control characters, which JSON leaves as they are. */
export function jsonLine(representation: unknown): string {
  const json = JSON.stringify(representation) ?? "null";
  return json.replaceAll(/[\u007f-\u009f]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}

/** "Provisioning  50%  15 minutes left" */
export function stateLine(state: Snapshot): string {
  const { status, progress, timeRemaining } = state;
  const parts = [
    plain(status ?? "In progress"),
    ...(progress === undefined ? [] : [percent(progress)]),
    ...(timeRemaining === undefined ? [] : [`${plain(timeRemaining)} left`]),
  ];
  return parts.join("  ");
}

/** "Provisioning  ████████████░░░░░░░░░░░░  50%  15 minutes left  0:42" */
export function barLine(state: Snapshot, elapsedMs: number): string {
  const { status, progress, timeRemaining } = state;
  const parts = [
    plain(status ?? "In progress"),
    ...(progress === undefined ? [] : [bar(progress), percent(progress).padStart(4)]),
    ...(timeRemaining === undefined ? [] : [`${plain(timeRemaining)} left`]),
    clockText(elapsedMs),
  ];
  return parts.join("  ");
}

/** What became of it: the label, the details of success or the reason of failure. */
export function endLines(state: Snapshot): readonly string[] {
  const { status, succeeded, error, representation } = state;
  if (succeeded) return [plain(status ?? "Succeeded"), ...detailLines(representation)];
  const reason = error === undefined ? "" : `: ${plain(error.detail || error.title)} (${plain(error.code)})`;
  return [`${plain(status ?? "Failed")}${reason}`];
}

function detailLines(representation: unknown): readonly string[] {
  if (!isJsonObject(representation)) return [];
  const details = Object.entries(representation).filter(([name]) => !RESERVED_FIELDS.has(name));
  return details.map(
    ([name, value]) => `  ${plain(name)}: ${plain(typeof value === "string" ? value : JSON.stringify(value))}`,
  );
}

export function bar(progress: number): string {
  const full = Math.floor(progress * BAR_CELLS);
  return "█".repeat(full) + "░".repeat(BAR_CELLS - full);
}

export function percent(progress: number): string {
  return `${Math.floor(progress * 100)}%`;
}

/** 42 s as "0:42", an hour and a half as "1:30:00". */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
