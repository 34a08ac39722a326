import type { JsonSchema } from "../../../core/json/schema.ts";
import { mapSchema } from "./map-schema.ts";

/** What may stand in a schema of an OpenAPI 3.1 document; libraries write keywords of their own beside it. */
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
 * Writes a declared JSON Schema so that it may stand elsewhere than at the root of a document of its own: `at` is asked, once a
 * reference within it is met, for the place of the whole.
 */
export function relocated(schema: JsonSchema, at: () => string): JsonSchema {
  return mapSchema(schema, (each) => {
    const known = Object.fromEntries(
      Object.entries(each).filter(([keyword]) => KEYWORDS.has(keyword) || keyword.startsWith("x-")),
    );
    const { $ref } = known;
    return typeof $ref === "string" && $ref.startsWith("#") ? { ...known, $ref: at() + $ref.slice(1) } : known;
  });
}
