import { DefinitionError } from "../errors.ts";

/** Gives a limit of a declaration back, or throws. `place` says in the error where it stands. */
export function positive(value: number, place: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new DefinitionError(`${place}: ${shown(value)} is not a number above zero`);
}

/** As {@link positive}, for what is counted. */
export function positiveCount(value: number, place: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new DefinitionError(`${place}: ${shown(value)} is not a whole number above zero`);
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}
