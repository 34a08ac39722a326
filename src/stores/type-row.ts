import type { Policies } from "../core/policy.ts";
import type { StoredType } from "../core/ports/store.ts";
import { fieldPathsOf } from "./json-columns.ts";
import { type RowValues, text } from "./values.ts";

/** The rows of the table `types`: name, and what is redacted as JSON. */
export function typeRows(policies: Policies): (readonly [type: string, redact: string])[] {
  return [...policies.values()].map(({ type, redact }) => [type, JSON.stringify(redact)]);
}

/** A row of a type that has resources; one that was never opened with redacts nothing. */
export function storedTypeOf([type, redact]: RowValues): StoredType {
  return { name: text(type), redact: redact === null || redact === undefined ? [] : fieldPathsOf(text(redact)) };
}
