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

/** The server has the last word, and says all that is wrong at once. @param at where the value stands in what was sent */
export function faultsOf(error: unknown, at: string): FormFaults {
  const issues = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  const byPointer = new Map<string, string>();
  for (const { pointer, detail } of issues) {
    const own = pointer.startsWith(at) ? pointer.slice(at.length) : pointer;
    byPointer.set(own, [byPointer.get(own), detail].filter((each) => each !== undefined).join("; "));
  }
  return { summary: reasonOf(error), byPointer };
}
