import { ProblemError } from "afoot/client";
import { errorText } from "../api/client.ts";

/** Errors of a rejected form: a summary, and a message for each field. */
export interface FormErrors {
  /** Summary of all errors. Empty if there are none. */
  readonly summary: string;
  /** Messages by JSON pointer within the form's value. */
  readonly byPointer: ReadonlyMap<string, string>;
}

export const NO_ERRORS: FormErrors = { summary: "", byPointer: new Map() };

/**
 * Converts an error of the API, which lists all validation errors at once, to the errors of a form.
 *
 * @param at JSON pointer of the form's value in the request body
 */
export function formErrors(error: unknown, at: string, value: unknown): FormErrors {
  const issues = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  if (issues.length === 0) return { summary: errorText(error), byPointer: new Map() };
  const byPointer = new Map<string, string>();
  for (const { pointer, detail } of issues) {
    const ownPointer = pointer.startsWith(at) ? pointer.slice(at.length) : pointer;
    // Some validators report a missing value as one of the wrong type.
    const message = isMissing(value, ownPointer) ? "Required." : detail;
    byPointer.set(ownPointer, [byPointer.get(ownPointer), message].filter((each) => each !== undefined).join("; "));
  }
  return {
    summary: byPointer.size === 1 ? "1 field is invalid." : `${byPointer.size} fields are invalid.`,
    byPointer,
  };
}

function isMissing(value: unknown, pointer: string): boolean {
  let current = value;
  for (const name of pointer.split("/").slice(1)) {
    if (typeof current !== "object" || current === null) return true;
    current = Reflect.get(current, name.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return current === undefined;
}
