import type { JsonSchema } from "../../core/json/schema.ts";

/** The parts of a JSON Schema that a form uses. Other keywords are validated by the server or edited as JSON. */
export interface FieldSchema {
  readonly kind: "text" | "number" | "flag" | "choice" | "object" | "list" | "json";
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly example: string;
  readonly initial: unknown;
  /** True if null is allowed too. */
  readonly isNullable: boolean;
  readonly isInteger: boolean;
  readonly format: string | undefined;
  readonly choices: readonly unknown[];
  readonly properties: readonly (readonly [name: string, schema: JsonSchema, isRequired: boolean])[];
  readonly items: JsonSchema;
}

/** Reads a schema, and resolves references within its document. */
export function readSchema(rawSchema: JsonSchema, document: JsonSchema): FieldSchema {
  const { schema, isNullable } = withoutNull(resolveReference(rawSchema, document), document);
  const choices = choicesOf(schema);
  return {
    kind: kindOf(schema, choices),
    title: textOf(schema["title"]),
    description: textOf(schema["description"]),
    example: exampleOf(schema["examples"]),
    initial: schema["default"],
    isNullable,
    isInteger: schema["type"] === "integer",
    format: textOf(schema["format"]),
    choices,
    properties: propertiesOf(schema),
    items: schemaOf(schema["items"]),
  };
}

function exampleOf(examples: unknown): string {
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined;
  if (example === undefined) return "";
  return typeof example === "string" ? example : JSON.stringify(example);
}

function kindOf(schema: JsonSchema, choices: readonly unknown[]): FieldSchema["kind"] {
  if (choices.length > 0) return "choice";
  switch (schema["type"]) {
    case "string":
      return "text";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "flag";
    case "object":
      // A form cannot offer fields with arbitrary names.
      return isSchema(schema["properties"]) && !isSchema(schema["additionalProperties"]) ? "object" : "json";
    case "array":
      return isSchema(schema["items"]) ? "list" : "json";
    default:
      return "json";
  }
}

function choicesOf(schema: JsonSchema): readonly unknown[] {
  if (Array.isArray(schema["enum"])) return schema["enum"];
  if ("const" in schema) return [schema["const"]];
  const { anyOf } = schema;
  if (!Array.isArray(anyOf) || anyOf.length === 0) return [];
  const constants = anyOf.flatMap((each: unknown) => (isSchema(each) && "const" in each ? [each["const"]] : []));
  return constants.length === anyOf.length ? constants : [];
}

function propertiesOf(schema: JsonSchema): FieldSchema["properties"] {
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  return Object.entries(schemaOf(schema["properties"])).map(([name, each]) => [
    name,
    schemaOf(each),
    required.has(name),
  ]);
}

/** Removes null from a union. */
function withoutNull(schema: JsonSchema, document: JsonSchema): { schema: JsonSchema; isNullable: boolean } {
  for (const name of ["anyOf", "oneOf"]) {
    const several: unknown = schema[name];
    if (!Array.isArray(several)) continue;
    const others: readonly unknown[] = several.filter((each: unknown) => !(isSchema(each) && each["type"] === "null"));
    const [only] = others;
    if (others.length === 1 && others.length < several.length && isSchema(only)) {
      return { schema: { ...schema, [name]: undefined, ...resolveReference(only, document) }, isNullable: true };
    }
  }
  const { type } = schema;
  if (Array.isArray(type) && type.length === 2 && type.includes("null")) {
    return { schema: { ...schema, type: type.find((each) => each !== "null") }, isNullable: true };
  }
  return { schema, isNullable: false };
}

function resolveReference(schema: JsonSchema, document: JsonSchema): JsonSchema {
  let current = schema;
  // References can be chained. The limit ends circular ones.
  for (let steps = 0; steps < 8 && typeof current["$ref"] === "string"; steps++) {
    const { $ref, ...siblings } = current;
    current = { ...resolvePointer(document, $ref), ...siblings };
  }
  return current;
}

function resolvePointer(document: JsonSchema, reference: string): JsonSchema {
  let current: unknown = document;
  for (const part of reference.split("/").slice(1)) {
    current = isSchema(current) ? current[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return schemaOf(current);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function schemaOf(value: unknown): JsonSchema {
  return isSchema(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
