import { DefinitionError } from "../errors.ts";

const MAX_LABEL = 200;
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

/** What is wrong with a status label that somebody reports; undefined where nothing is. */
export function labelError(status: unknown): string | undefined {
  if (typeof status !== "string" || status === "") return "a label is a text that is not empty";
  if (status.length > MAX_LABEL) return `${status.length} characters; a label has at most ${MAX_LABEL}`;
  if (!CONTROL.test(status) && status.isWellFormed()) return undefined;
  return `${JSON.stringify(status)} holds characters that no label may`;
}

/** Gives a limit of a declaration back, or throws. `place` says in the error where it stands. */
export function positive(value: number, place: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new DefinitionError(`${place}: ${formatValue(value)} is not a number above zero`);
}

/** As {@link positive}, for what is counted. */
export function positiveCount(value: number, place: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new DefinitionError(`${place}: ${formatValue(value)} is not a whole number above zero`);
}

function formatValue(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}
