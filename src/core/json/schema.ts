import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

/**
 * A Standard Schema with a JSON Schema: zod 4, arktype, or valibot wrapped in `toStandardJsonSchema`.
 *
 * @see https://standardschema.dev
 */
export interface Schema<Input = unknown, Output = unknown> {
  readonly "~standard": StandardSchemaV1.Props<Input, Output> & StandardJSONSchemaV1.Props<Input, Output>;
}

/** The type of a value that clients send. */
export type SchemaInput<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : undefined;
/** The type of a validated value, which clients and work see. */
export type SchemaOutput<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : undefined;

/** A JSON Schema document, draft 2020-12, as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The input side and the output side of a schema as JSON Schema. */
export interface SchemaDocument {
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** One validation error: an RFC 6901 pointer from the value itself, and a message. */
export interface Issue {
  readonly pointer: string;
  readonly detail: string;
}

/** The result of a validation. */
export type Validated =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** Validates a value. Returns all errors at once, each with its pointer below `at`. */
export async function validate(schema: Schema, value: unknown, at = ""): Promise<Validated> {
  const outcome = schema["~standard"].validate(value);
  const result = outcome instanceof Promise ? await outcome : outcome;
  if (result.issues === undefined) return { value: result.value };
  return { issues: result.issues.map((issue) => ({ pointer: at + pointer(issue.path ?? []), detail: issue.message })) };
}

function pointer(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  // A library's path may be a subclass of Array, whose `map` would create the same subclass.
  const keys = Array.from(path, (segment) => String(typeof segment === "object" ? segment.key : segment));
  return keys.map((key) => `/${escapePointer(key)}`).join("");
}

/** Escapes a key for an RFC 6901 pointer. @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
