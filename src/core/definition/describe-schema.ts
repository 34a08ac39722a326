import { DefinitionError } from "../errors.ts";
import { isJsonObject } from "../json/json.ts";
import type { Schema, SchemaDocument } from "../json/schema.ts";
import type { DeclaredSchema } from "./resource-type.ts";
import { findFieldWithoutJsonSchema, MARKING_OPTIONS } from "./unrepresentable.ts";

/**
 * Checks a schema of a declaration, and gives it with its JSON Schema, both sides.
 *
 * @param place where the schema stands in the declaration, for the error
 * @throws DefinitionError when it has no JSON Schema, or a part of it (a transform, a Date) cannot be written as one; the error
 *   names the field
 */
export function declaredSchema(schema: unknown, place: string): DeclaredSchema {
  if (!isSchema(schema)) {
    throw new DefinitionError(
      `${place}: this schema gives no JSON Schema; use zod 4, arktype, or valibot wrapped in toStandardJsonSchema()`,
    );
  }
  return { schema, ...describeSchema(schema, place) };
}

function isSchema(schema: unknown): schema is Schema {
  // arktype's schemas are functions.
  const isThing = typeof schema === "function" || isJsonObject(schema);
  const standard: unknown = isThing && "~standard" in schema ? schema["~standard"] : undefined;
  if (!isJsonObject(standard) || typeof standard["validate"] !== "function") return false;
  const { jsonSchema } = standard;
  return isJsonObject(jsonSchema) && typeof jsonSchema["input"] === "function";
}

function describeSchema(schema: Schema, place: string): SchemaDocument {
  const { vendor } = schema["~standard"];
  const marking = MARKING_OPTIONS.get(vendor);
  let documents: SchemaDocument;
  try {
    // arktype throws for nothing: it leaves out what it cannot write, unless it is told to mark it.
    documents = readDocuments(schema, vendor === "arktype" ? marking : undefined);
  } catch (cause) {
    const { path, why } = findReason(schema, marking, cause);
    throw unrepresentableError(place + path, why, cause);
  }
  const fault = findFieldWithoutJsonSchema(documents);
  if (fault === undefined) return documents;
  throw unrepresentableError(place + fault.path, fault.why);
}

type LibraryOptions = Record<string, unknown>;

function readDocuments(schema: Schema, libraryOptions: LibraryOptions | undefined): SchemaDocument {
  const { jsonSchema } = schema["~standard"];
  const options = { target: "draft-2020-12", ...(libraryOptions === undefined ? {} : { libraryOptions }) } as const;
  return { input: jsonSchema.input(options), output: jsonSchema.output(options) };
}

/** The libraries say what they cannot write, not where: asked again to mark it instead, they show it. */
function findReason(
  schema: Schema,
  marking: LibraryOptions | undefined,
  cause: unknown,
): { path: string; why: string } {
  const why = cause instanceof Error ? cause.message : String(cause);
  try {
    return findFieldWithoutJsonSchema(readDocuments(schema, marking)) ?? { path: "", why };
  } catch {
    return { path: "", why };
  }
}

function unrepresentableError(place: string, why: string, cause?: unknown): DefinitionError {
  return new DefinitionError(
    `${place}: ${why.replace(/\.$/, "")}; describe it as what JSON carries (a string, a number, ...) and convert inside the work`,
    cause === undefined ? {} : { cause },
  );
}
