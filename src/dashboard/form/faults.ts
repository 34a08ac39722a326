import { ProblemError } from "afoot/client";
import { reasonOf } from "../api/client.ts";

/** Why a form was not accepted: in a sentence, and by field. */
export interface FormFaults {
  /** Empty where nothing is wrong. */
  readonly summary: string;
  /** By JSON pointer within the form's value. */
  readonly byPointer: ReadonlyMap<string, string>;
}

export const NO_FAULTS: FormFaults = { summary: "", byPointer: new Map() };

/**
 * The server has the last word, and says all that is wrong at once.
 *
 * @param at where the form's value stands in what was sent
 */
export function faultsOf(error: unknown, at: string, value: unknown): FormFaults {
  const issues = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  if (issues.length === 0) return { summary: reasonOf(error), byPointer: new Map() };
  const byPointer = new Map<string, string>();
  for (const { pointer, detail } of issues) {
    const own = pointer.startsWith(at) ? pointer.slice(at.length) : pointer;
    // Schemas say of what is missing that it is of another type.
    const said = isMissing(value, own) ? "This is needed." : detail;
    byPointer.set(own, [byPointer.get(own), said].filter((each) => each !== undefined).join("; "));
  }
  return {
    summary: byPointer.size === 1 ? "One field is not right yet." : `${byPointer.size} fields are not right yet.`,
    byPointer,
  };
}

function isMissing(value: unknown, pointer: string): boolean {
  let found = value;
  for (const name of pointer.split("/").slice(1)) {
    if (typeof found !== "object" || found === null) return true;
    found = Reflect.get(found, name.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return found === undefined;
}
