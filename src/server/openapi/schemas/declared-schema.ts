import { isJsonObject } from "../../../core/json/json.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";
import { mapSchema } from "./map-schema.ts";

/** Keywords allowed in a schema of an OpenAPI 3.1 document. Keywords added by libraries are removed. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "$ref",
  "$defs",
  "$anchor",
  "$dynamicRef",
  "$dynamicAnchor",
  "$comment",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "prefixItems",
  "items",
  "contains",
  "properties",
  "patternProperties",
  "additionalProperties",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
  "type",
  "enum",
  "const",
  "multipleOf",
  "maximum",
  "exclusiveMaximum",
  "minimum",
  "exclusiveMinimum",
  "maxLength",
  "minLength",
  "pattern",
  "maxItems",
  "minItems",
  "uniqueItems",
  "maxContains",
  "minContains",
  "maxProperties",
  "minProperties",
  "required",
  "dependentRequired",
  "format",
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
  "title",
  "description",
  "default",
  "deprecated",
  "readOnly",
  "writeOnly",
  "examples",
  "discriminator",
  "xml",
  "externalDocs",
]);

/**
 * Rewrites a declared JSON Schema for embedding in the document. `location` is called for each local reference, and returns the location of the
 * whole schema.
 */
export function relocated(schema: JsonSchema, location: () => string): JsonSchema {
  return mapSchema(schema, (each) => {
    const known = Object.fromEntries(
      Object.entries(each).filter(([keyword]) => KEYWORDS.has(keyword) || keyword.startsWith("x-")),
    );
    const { $ref } = known;
    return typeof $ref === "string" && $ref.startsWith("#") ? { ...known, $ref: location() + $ref.slice(1) } : known;
  });
}

/** Adds properties to the schema of an object. */
export function withProperties({ properties, ...schema }: JsonSchema, added: object): JsonSchema {
  return { ...schema, properties: { ...(isJsonObject(properties) ? properties : {}), ...added } };
}
