import { isJsonObject } from "../json/json.ts";
import type { JsonSchema, SchemaDocument } from "../json/schema.ts";

const MARK = "x-unrepresentable";

/** Where a schema holds what JSON cannot carry, below the place it stands, and what that is. */
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

/**
 * By library: the options by which it puts a mark where it finds what it cannot write.
 *
 * @see https://zod.dev/json-schema https://arktype.io/docs/configuration#tojsonschema https://valibot.dev/guides/json-schema/
 */
export const MARKING_OPTIONS: ReadonlyMap<string, Record<string, unknown>> = new Map([
  ["zod", { unrepresentable: ({ message }: { message: string }) => mark(message) }],
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
  ["valibot", { overrideSchema: markValibot, overrideAction: markValibot }],
]);

/** Finds the first part of a schema that JSON cannot carry, as a path from it: `.disks[].createdAt`. */
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

/** What a schema consists of, each with what it adds to the path. */
function partsOf(root: JsonSchema, node: JsonSchema): (readonly [segment: string, part: unknown])[] {
  const { properties, items, prefixItems, additionalProperties, allOf, anyOf, oneOf, $ref } = node;
  return [
    ...entriesOf(properties).map(([name, part]) => [`.${name}`, part] as const),
    ["[]", items],
    ...listOf(prefixItems).map((part, index) => [`[${index}]`, part] as const),
    [".*", additionalProperties],
    ...[allOf, anyOf, oneOf].flatMap((branches) => listOf(branches).map((part) => ["", part] as const)),
    ["", typeof $ref === "string" ? resolved(root, $ref) : undefined],
  ];
}

/** A field that says something of its input and nothing of its output: arktype writes a morph without a declared output so. */
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
