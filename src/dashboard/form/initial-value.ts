import type { JsonSchema } from "../../core/json/schema.ts";
import { readSchema } from "./schema.ts";

/** Returns the initial value of a form: the schema's defaults, and nothing for fields without one. */
export function initialValue(schema: JsonSchema, document: JsonSchema = schema, isRequired = true): unknown {
  const { kind, initial, properties, isNullable } = readSchema(schema, document);
  if (initial !== undefined) return initial;
  if (isNullable) return undefined;
  // An unchecked box means false.
  if (kind === "flag" && isRequired) return false;
  if (kind === "list") return [];
  if (kind !== "object") return undefined;
  const fields = properties.flatMap(([name, property, isNeeded]) => {
    const value = initialValue(property, document, isNeeded);
    const isEmpty = value === undefined || (!isNeeded && typeof value === "object");
    return isEmpty ? [] : [[name, value] as const];
  });
  return Object.fromEntries(fields);
}
