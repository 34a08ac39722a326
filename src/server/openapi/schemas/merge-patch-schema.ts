import { isJsonObject } from "../../../core/json/json.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";

/**
 * Derives the schema of a merge patch: any part of an object, with null to remove a field that is not required. If parts depend on each
 * other, the patch may be anything: the server validates the merged value.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7396
 */
export function mergePatchSchema(schema: JsonSchema): JsonSchema {
  const { title, description, properties, required, additionalProperties } = schema;
  const notes = { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
  if (COMPOSED.some((keyword) => schema[keyword] !== undefined)) return notes;
  if (schema["type"] !== "object") {
    // No defaults: a field missing from a patch keeps its value.
    const { default: _, ...rest } = schema;
    return rest;
  }
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const parts = Object.entries(isJsonObject(properties) ? properties : {}).map(([name, value]) => {
    const part = isJsonObject(value) ? mergePatchSchema(value) : value;
    return [name, needed.has(name) ? part : orNull(part)] as const;
  });
  return {
    type: "object",
    ...notes,
    ...(parts.length === 0 ? {} : { properties: Object.fromEntries(parts) }),
    ...(isJsonObject(additionalProperties)
      ? { additionalProperties: orNull(mergePatchSchema(additionalProperties)) }
      : {}),
    ...(additionalProperties === false ? { additionalProperties } : {}),
  };
}

function typesOf({ type }: JsonSchema): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

const COMPOSED = [
  "$ref",
  "$dynamicRef",
  "anyOf",
  "oneOf",
  "allOf",
  "if",
  "not",
  "dependentSchemas",
  "patternProperties",
];

function orNull(schema: unknown): unknown {
  if (isJsonObject(schema) && (Object.keys(schema).length === 0 || typesOf(schema).includes("null"))) return schema;
  return { anyOf: [schema, { type: "null" }] };
}
