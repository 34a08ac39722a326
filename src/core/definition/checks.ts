import { DefinitionError } from "../errors.ts";

const MAX_LABEL_LENGTH = 200;
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

/** Returns the reason why a reported status label is invalid; undefined if it is valid. */
export function labelError(status: unknown): string | undefined {
  if (typeof status !== "string" || status === "") return "a label must be a string that is not empty";
  if (status.length > MAX_LABEL_LENGTH) {
    return `has ${status.length} characters; a label has at most ${MAX_LABEL_LENGTH}`;
  }
  if (!CONTROL.test(status) && status.isWellFormed()) return undefined;
  return `${JSON.stringify(status)} contains control characters or lone surrogates; a label must not`;
}

/**
 * Returns a limit of a declaration.
 *
 * @param path position of the limit, for the error @throws DefinitionError unless it is above zero
 */
export function positive(value: number, path: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new DefinitionError(`${path}: ${formatValue(value)} is not a number above zero`);
}

/** Returns a number of items, which must be a whole number. @throws DefinitionError unless it is above zero */
export function positiveCount(value: number, path: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new DefinitionError(`${path}: ${formatValue(value)} is not a whole number above zero`);
}

function formatValue(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}
