import { builtInFields } from "../../core/definition/representation-fields.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { JsonSchema } from "../../core/json/schema.ts";
import { Refusal } from "../http/problems.ts";
import type { Fields } from "../representation/representation.ts";
import { listParameter, type Query } from "./query.ts";

/**
 * Creates a reader of `?fields=` for a type.
 *
 * @throws Refusal `invalid-query` for a field that no representation of the type has
 */
export function createFieldsReader(type: ResourceType): (query: Query) => Fields {
  const known = new Set<string>([...builtInFields(type.representation), ...declaredNames(type.details.output)]);
  const isOpen = allowsOtherFields(type.details.output);
  return (query) => {
    const fields = listParameter(query, "fields", known);
    if (fields === undefined) return undefined;
    const unknown = isOpen ? undefined : fields.find((field) => !known.has(field));
    if (unknown === undefined) return new Set(fields);
    const what = `fields: ${JSON.stringify(unknown.slice(0, 100))} is not a field of a ${type.name}. Known: ${[...known].join(", ")}.`;
    throw new Refusal("invalid-query", what);
  };
}

/** Returns the branches of a schema whose fields a value may have. */
function branches(schema: JsonSchema): readonly JsonSchema[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((keyword) => {
    const parts = schema[keyword];
    return Array.isArray(parts) ? parts.filter(isJsonObject) : [];
  });
}

function declaredNames(schema: JsonSchema): readonly string[] {
  const { properties } = schema;
  const own = isJsonObject(properties) ? Object.keys(properties) : [];
  return [...own, ...branches(schema).flatMap(declaredNames)];
}

/** True if a value may have fields that the schema does not name. */
function allowsOtherFields(schema: JsonSchema): boolean {
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined) return additionalProperties !== false;
  const parts = branches(schema);
  return parts.length > 0 ? parts.some(allowsOtherFields) : !isJsonObject(schema["properties"]);
}
