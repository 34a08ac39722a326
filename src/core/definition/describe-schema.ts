import { DefinitionError } from "../errors.ts";
import { isJsonObject } from "../json/json.ts";
import type { Schema, SchemaDocument } from "../json/schema.ts";
import type { DeclaredSchema } from "./resource-type.ts";
import {
  type FieldWithoutJsonSchema,
  findFieldWithoutJsonSchema,
  MARKING_OPTIONS,
  SILENT_PARTS_OPTIONS,
} from "./unrepresentable.ts";

/**
 * Checks a schema of a declaration, and returns it with the JSON Schemas of its input and output.
 *
 * @param path position of the schema in the declaration, for the error
 * @throws DefinitionError that names the field, if the schema or a part of it (a transform, a Date) has no JSON Schema
 */
export function declaredSchema(schema: unknown, path: string): DeclaredSchema {
  if (!isSchema(schema)) {
    throw new DefinitionError(
      `${path}: this schema has no JSON Schema; use zod 4, arktype, or valibot wrapped in toStandardJsonSchema()`,
    );
  }
  return { schema, ...describeSchema(schema, path) };
}

function isSchema(schema: unknown): schema is Schema {
  // Schemas of arktype are functions.
  const isThing = typeof schema === "function" || isJsonObject(schema);
  const standard: unknown = isThing && "~standard" in schema ? schema["~standard"] : undefined;
  if (!isJsonObject(standard) || typeof standard["validate"] !== "function") return false;
  const { jsonSchema } = standard;
  return isJsonObject(jsonSchema) && typeof jsonSchema["input"] === "function";
}

function describeSchema(schema: Schema, path: string): SchemaDocument {
  const { vendor } = schema["~standard"];
  let documents: SchemaDocument;
  try {
    documents = readDocuments(schema, SILENT_PARTS_OPTIONS.get(vendor));
  } catch (cause) {
    const field = findReason(schema, cause);
    throw unrepresentableError(path + field.path, field.why, cause);
  }
  const field = findFieldWithoutJsonSchema(documents);
  if (field === undefined) return documents;
  throw unrepresentableError(path + field.path, field.why);
}

type LibraryOptions = Record<string, unknown>;

function readDocuments(schema: Schema, libraryOptions: LibraryOptions | undefined): SchemaDocument {
  const { jsonSchema } = schema["~standard"];
  const options = { target: "draft-2020-12", ...(libraryOptions === undefined ? {} : { libraryOptions }) } as const;
  return { input: jsonSchema.input(options), output: jsonSchema.output(options) };
}

/**
 * Finds the part without a JSON Schema. The error of a library does not name it, but a second run with the marking
 * options does.
 */
function findReason(schema: Schema, cause: unknown): FieldWithoutJsonSchema {
  const why = cause instanceof Error ? cause.message : String(cause);
  try {
    const marked = readDocuments(schema, MARKING_OPTIONS.get(schema["~standard"].vendor));
    return findFieldWithoutJsonSchema(marked) ?? { path: "", why };
  } catch {
    return { path: "", why };
  }
}

function unrepresentableError(path: string, why: string, cause?: unknown): DefinitionError {
  return new DefinitionError(
    `${path}: ${why.replace(/\.$/, "")}; describe it as a JSON type (a string, a number, ...) and convert inside the work`,
    cause === undefined ? {} : { cause },
  );
}
