import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { DefinitionError } from "./errors.ts";
import { isJsonObject } from "./json.ts";

/**
 * Any Standard Schema that also gives its JSON Schema: zod 4, arktype, valibot by its `toStandardJsonSchema`.
 *
 * @see https://standardschema.dev
 */
export interface Schema<Input = unknown, Output = unknown> {
  readonly "~standard": StandardSchemaV1.Props<Input, Output> & StandardJSONSchemaV1.Props<Input, Output>;
}

/** What clients send. */
export type SchemaInput<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : undefined;
/** What clients see, and work is given. */
export type SchemaOutput<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : undefined;

/** A JSON Schema document, draft 2020-12, as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Both sides of a schema as JSON Schema. */
export interface SchemaDocument {
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** One fault of a value: where (an RFC 6901 pointer from the value itself) and what. */
export interface Issue {
  readonly pointer: string;
  readonly detail: string;
}

export type Validated = { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** Validates a value and gives every fault at once, each with its pointer below `at`. */
export async function validate(schema: Schema, value: unknown, at = ""): Promise<Validated> {
  const outcome = schema["~standard"].validate(value);
  const result = outcome instanceof Promise ? await outcome : outcome;
  if (result.issues === undefined) return { value: result.value };
  return { issues: result.issues.map((issue) => ({ pointer: at + pointer(issue.path ?? []), detail: issue.message })) };
}

function pointer(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  return path.map((segment) => `/${escapePointer(String(typeof segment === "object" ? segment.key : segment))}`).join("");
}

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

const TARGET = { target: "draft-2020-12" } as const;

/**
 * Asks a schema for its JSON Schema, both sides.
 *
 * @param place where the schema stands in the declaration, for the error
 * @throws DefinitionError when it has none, or a part of it (a transform, a Date) cannot be written as JSON Schema; the error names the field
 */
export function describeSchema(schema: Schema, place: string): SchemaDocument {
  if (typeof schema?.["~standard"]?.jsonSchema?.input !== "function") {
    throw new DefinitionError(
      `${place}: this schema gives no JSON Schema; use zod 4, arktype, or valibot wrapped in toStandardJsonSchema()`,
    );
  }
  const { jsonSchema } = schema["~standard"];
  try {
    return { input: jsonSchema.input(TARGET), output: jsonSchema.output(TARGET) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DefinitionError(
      `${unrepresentableField(schema, place)}: ${why}; describe it as what JSON carries (a string, a number, ...) and convert inside the work`,
      { cause },
    );
  }
}

/** zod does not say which field it could not write, but calls `override` with the path of each; its first empty schema is the one. */
function unrepresentableField(schema: Schema, place: string): string {
  let found: string | undefined;
  const override = (field: { jsonSchema: unknown; path: readonly (string | number)[]; zodSchema?: unknown }): void => {
    if (found === undefined && isUnrepresentable(field.zodSchema)) {
      found = field.path.filter((key) => key !== "properties").join(".");
    }
  };
  try {
    schema["~standard"].jsonSchema.input({ ...TARGET, libraryOptions: { unrepresentable: "any", override } });
  } catch {
    return place;
  }
  return found === undefined || found === "" ? place : `${place}.${found}`;
}

const REPRESENTABLE_EMPTY = new Set(["any", "unknown"]);

function isUnrepresentable(zodSchema: unknown): boolean {
  if (!isJsonObject(zodSchema)) return false;
  const definition = zodSchema["_zod"];
  const type = isJsonObject(definition) && isJsonObject(definition["def"]) ? definition["def"]["type"] : undefined;
  return typeof type === "string" && !REPRESENTABLE_EMPTY.has(type) && UNREPRESENTABLE.has(type);
}

const UNREPRESENTABLE = new Set([
  "bigint", "symbol", "undefined", "void", "date", "map", "set", "transform", "nan", "custom", "function", "file", "success",
]);
