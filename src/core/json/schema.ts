import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

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

export type Validated =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** Validates a value and gives every fault at once, each with its pointer below `at`. */
export async function validate(schema: Schema, value: unknown, at = ""): Promise<Validated> {
  const outcome = schema["~standard"].validate(value);
  const result = outcome instanceof Promise ? await outcome : outcome;
  if (result.issues === undefined) return { value: result.value };
  return { issues: result.issues.map((issue) => ({ pointer: at + pointer(issue.path ?? []), detail: issue.message })) };
}

function pointer(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  // A library's path may be an array of its own kind, whose `map` gives one of that kind again.
  const keys = Array.from(path, (segment) => String(typeof segment === "object" ? segment.key : segment));
  return keys.map((key) => `/${escapePointer(key)}`).join("");
}

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
