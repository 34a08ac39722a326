import { isJsonObject } from "../../core/json/json.ts";
import { type AnyDocument, type JsonObject, mapObjects } from "./any-document.ts";

/**
 * Converts a document of OpenAPI 3.1 to 3.0. Keywords of JSON Schema that 3.0 does not have are expressed by others, or
 * else left out: a schema then accepts more than before, never less.
 *
 * @see https://spec.openapis.org/oas/v3.0.4.html#schema-object
 */
export function toOpenApi30(document: AnyDocument): AnyDocument {
  const { jsonSchemaDialect: _, webhooks: __, ...rest } = document;
  const convert = (part: JsonObject): JsonObject => {
    const { schema, schemas } = part;
    return {
      ...part,
      ...(isJsonObject(schema) ? { schema: toSchema30(schema) } : {}),
      ...(isJsonObject(schemas)
        ? { schemas: Object.fromEntries(Object.entries(schemas).map(([name, each]) => [name, toSchema30(each)])) }
        : {}),
    };
  };
  return { ...mapObjects(rest, convert), openapi: "3.0.4" };
}

/** Keywords whose values are schemas, lists of schemas, or schemas by name. */
const ONE = ["items", "additionalProperties", "not"];
const LISTS = ["allOf", "anyOf", "oneOf"];

/** Keywords that OpenAPI 3.0 has. */
const KNOWN = new Set([
  ...ONE,
  ...LISTS,
  "properties",
  ..."title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern".split(" "),
  ..."maxItems minItems uniqueItems maxProperties minProperties required enum type description".split(" "),
  ..."format default nullable discriminator readOnly writeOnly xml externalDocs example deprecated".split(" "),
]);

function toSchema30(schema: unknown): JsonObject {
  if (schema === false) return { not: {} };
  if (!isJsonObject(schema)) return {};
  const { $ref, ...siblings } = schema;
  if (typeof $ref === "string") {
    const others = toSchema30(siblings);
    return Object.keys(others).length === 0 ? { $ref } : { ...others, allOf: [{ $ref }, ...listOf(others["allOf"])] };
  }
  const converted = Object.entries(siblings).flatMap(([name, value]) => convertKeyword(name, value, siblings));
  const fields = Object.fromEntries(converted.filter(([name]) => KNOWN.has(name) || name.startsWith("x-")));
  return withTypes(fields, schema["type"]);
}

type Keyword = readonly [name: string, value: unknown];

/** Converts one keyword, except `type`. */
function convertKeyword(name: string, value: unknown, schema: JsonObject): readonly Keyword[] {
  switch (name) {
    case "type":
      return [];
    case "const":
      return [["enum", [value]]];
    case "examples":
      return Array.isArray(value) && value.length > 0 ? [["example", value[0]]] : [];
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return [
        [name === "exclusiveMinimum" ? "minimum" : "maximum", value],
        [name, true],
      ];
    case "minimum":
    case "maximum":
      return `exclusive${name === "minimum" ? "Minimum" : "Maximum"}` in schema ? [] : [[name, value]];
    case "required":
      // An empty list is invalid in OpenAPI 3.0.
      return listOf(value).length === 0 ? [] : [[name, value]];
    case "prefixItems":
      return [["items", {}]];
    case "items":
      // The items after those of `prefixItems`.
      return "prefixItems" in schema ? [] : [[name, toSchema30(value)]];
    case "additionalProperties":
      // Names that match a pattern would be rejected.
      return "patternProperties" in schema ? [] : [[name, typeof value === "boolean" ? value : toSchema30(value)]];
    case "properties":
      return isJsonObject(value)
        ? [[name, Object.fromEntries(Object.entries(value).map(([field, each]) => [field, toSchema30(each)]))]]
        : [];
    default:
      if (LISTS.includes(name)) return [[name, listOf(value).map(toSchema30)]];
      return [[name, ONE.includes(name) ? toSchema30(value) : value]];
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Adds the types. A list of types becomes alternatives, and `null` the keyword `nullable`. */
function withTypes(fields: JsonObject, type: unknown): JsonObject {
  const types = typeof type === "string" ? [type] : listOf(type);
  const others = types.filter((each) => each !== "null");
  const nullable = types.includes("null") ? { nullable: true } : {};
  // OpenAPI 3.0 requires `items` beside the type "array".
  const items = types.includes("array") && !("items" in fields) ? { items: {} } : {};
  if (others.length === 0 && types.length > 0) return { ...fields, nullable: true, enum: [null] };
  const [other] = others;
  if (others.length <= 1) {
    return { ...fields, ...items, ...(other === undefined ? {} : { type: other }), ...nullable };
  }
  const alternatives = {
    anyOf: others.map((each) => ({ type: each, ...(each === "array" ? items : {}), ...nullable })),
  };
  return "anyOf" in fields
    ? { ...fields, allOf: [...listOf(fields["allOf"]), alternatives] }
    : { ...fields, ...alternatives };
}
