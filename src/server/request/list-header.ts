import { Refusal } from "../http/problems.ts";
import { MAX_LIST_VALUES } from "../http/request-headers.ts";

/**
 * Splits a list header without quoted strings at its commas.
 *
 * @throws Refusal `invalid-header` if it has too many values
 */
export function splitHeader(header: string, name: string): readonly string[] {
  const values = header.split(",", MAX_LIST_VALUES + 1);
  checkCount(values.length, name);
  return values;
}

/** Checks the number of values in a list header. @throws Refusal `invalid-header` */
export function checkCount(count: number, name: string): void {
  if (count <= MAX_LIST_VALUES) return;
  throw new Refusal("invalid-header", `${name} has too many values; send at most ${MAX_LIST_VALUES}.`);
}
