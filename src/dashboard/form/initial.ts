import type { JsonSchema } from "../../core/json/schema.ts";
import { readSchema } from "./schema.ts";

/** What a form begins with: the defaults, and nothing where there is none. */
export function initialOf(schema: JsonSchema, document: JsonSchema = schema, isRequired = true): unknown {
  const { kind, initial, properties, isNullable } = readSchema(schema, document);
  if (initial !== undefined) return initial;
  if (isNullable) return undefined;
  // A box that is not checked says no.
  if (kind === "flag" && isRequired) return false;
  if (kind === "list") return [];
  if (kind !== "object") return undefined;
  const fields = properties.flatMap(([name, property, isNeeded]) => {
    const value = initialOf(property, document, isNeeded);
    const isEmpty = value === undefined || (!isNeeded && typeof value === "object");
    return isEmpty ? [] : [[name, value] as const];
  });
  return Object.fromEntries(fields);
}
