import { isJsonObject } from "../json/json.ts";
import type { JsonSchema, SchemaDocument } from "../json/schema.ts";

const MARK = "x-unrepresentable";

/** A part of a schema that has no JSON Schema: its path below the schema, and the reason. */
export interface FieldWithoutJsonSchema {
  readonly path: string;
  readonly why: string;
}

function mark(why: string): JsonSchema {
  return { [MARK]: why };
}

function markArk({ proto, domain, unit }: { proto?: { name: string }; domain?: string; unit?: unknown }): JsonSchema {
  return mark(`${proto?.name ?? domain ?? String(unit)} cannot be represented in JSON Schema`);
}

function markValibot({ jsonSchema, errors }: { jsonSchema: JsonSchema; errors?: readonly string[] }): unknown {
  return errors?.[0] === undefined ? undefined : { ...jsonSchema, ...mark(errors[0]) };
}

interface ZodOverride {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
  readonly jsonSchema: { [keyword: string]: unknown };
}

function markZodFile({ zodSchema, jsonSchema }: ZodOverride): void {
  // oxlint-disable-next-line no-underscore-dangle -- zod documents this name for library authors
  if (zodSchema._zod.def.type === "file") Object.assign(jsonSchema, mark("File cannot be represented in JSON"));
}

/**
 * Options by library that make it mark the parts of a schema that it describes wrongly or leaves out without an error:
 * zod describes a File as a binary string, arktype leaves out every part without a JSON Schema. valibot throws.
 */
export const SILENT_PARTS_OPTIONS: ReadonlyMap<string, Record<string, unknown>> = new Map<
  string,
  Record<string, unknown>
>([
  ["zod", { override: markZodFile }],
  [
    "arktype",
    {
      fallback: {
        date: () => mark("Date cannot be represented in JSON Schema"),
        domain: markArk,
        morph: () => mark("A morph cannot be represented in JSON Schema"),
        proto: markArk,
        unit: markArk,
      },
    },
  ],
]);

/**
 * Options by library that make it mark all parts of a schema that have no JSON Schema.
 *
 * @see https://zod.dev/json-schema https://arktype.io/docs/configuration#tojsonschema
 *   https://valibot.dev/guides/json-schema/
 */
export const MARKING_OPTIONS: ReadonlyMap<string, Record<string, unknown>> = new Map<string, Record<string, unknown>>([
  ...SILENT_PARTS_OPTIONS,
  ["zod", { override: markZodFile, unrepresentable: ({ message }: { message: string }) => mark(message) }],
  ["valibot", { overrideSchema: markValibot, overrideAction: markValibot }],
]);

/** Finds the first part of a schema that has no JSON Schema, with its path: `.disks[].createdAt`. */
export function findFieldWithoutJsonSchema({ input, output }: SchemaDocument): FieldWithoutJsonSchema | undefined {
  return findMarked(input, input) ?? findMarked(output, output) ?? findUndescribedOutput(input, output, "");
}

function findMarked(
  root: JsonSchema,
  node: unknown,
  path = "",
  seen: ReadonlySet<unknown> = new Set(),
): FieldWithoutJsonSchema | undefined {
  if (!isJsonObject(node) || seen.has(node)) return undefined;
  const why = node[MARK];
  if (typeof why === "string") return { path, why };
  for (const [segment, part] of partsOf(root, node)) {
    const found = findMarked(root, part, path + segment, new Set([...seen, node]));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the parts of a schema, each with its segment of the path. */
function partsOf(root: JsonSchema, node: JsonSchema): (readonly [segment: string, part: unknown])[] {
  const { properties, patternProperties, $ref } = node;
  return [
    ...entriesOf(properties).map(([name, part]) => [`.${name}`, part] as const),
    ...entriesOf(patternProperties).map(([pattern, part]) => [`[/${pattern}/]`, part] as const),
    ...listOf(node["prefixItems"]).map((part, index) => [`[${index}]`, part] as const),
    ...["items", "contains", "unevaluatedItems"].map((keyword) => ["[]", node[keyword]] as const),
    ...["additionalProperties", "unevaluatedProperties"].map((keyword) => [".*", node[keyword]] as const),
    ...["allOf", "anyOf", "oneOf"].flatMap((keyword) => listOf(node[keyword]).map((part) => ["", part] as const)),
    ...["propertyNames", "not", "if", "then", "else"].map((keyword) => ["", node[keyword]] as const),
    ["", typeof $ref === "string" ? resolved(root, $ref) : undefined],
  ];
}

/**
 * Finds a field whose input has a schema and whose output has none: arktype describes a morph without a declared output
 * this way.
 */
function findUndescribedOutput(input: unknown, output: unknown, path: string): FieldWithoutJsonSchema | undefined {
  if (!isJsonObject(input) || !isJsonObject(output)) return undefined;
  if (isEmptySchema(output)) {
    return isEmptySchema(input) ? undefined : { path, why: "Its output cannot be represented in JSON Schema" };
  }
  const outputs = new Map(entriesOf(output["properties"]));
  for (const [name, part] of entriesOf(input["properties"])) {
    const found = findUndescribedOutput(part, outputs.get(name), `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return findUndescribedOutput(input["items"], output["items"], `${path}[]`);
}

function isEmptySchema(node: object): boolean {
  return Object.keys(node).every((keyword) => keyword === "$schema");
}

function resolved(root: JsonSchema, reference: string): unknown {
  let node: unknown = root;
  for (const segment of reference.split("/").slice(1)) node = isJsonObject(node) ? node[segment] : undefined;
  return node;
}

function entriesOf(node: unknown): [string, unknown][] {
  return isJsonObject(node) ? Object.entries(node) : [];
}

function listOf(node: unknown): readonly unknown[] {
  return Array.isArray(node) ? node : [];
}
