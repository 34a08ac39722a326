import type { ValidateFunction } from "ajv/dist/2020.js";
import { Ajv2020 } from "#packages/ajv";
import { ajvFormats } from "#packages/ajv-formats";
import { isJsonObject } from "../../core/json/json.ts";
import type { Issue } from "../../core/json/schema.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import type { MockDocument } from "./load-document.ts";
import { UnservableError } from "./unservable.ts";

/** Validates a value, and returns every error. */
export type Validation = (value: unknown) => readonly Issue[];

/** Compiles the schemas of a document to validations. @throws UnservableError for an invalid schema */
export function createValidations(document: MockDocument): (pointer: string) => Validation {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, logger: false });
  ajvFormats.default(ajv);
  const isVersion30 = String(document["openapi"]).startsWith("3.0");
  ajv.addSchema(isVersion30 ? toJsonSchema2020(document) : document, "document");
  return (pointer) => {
    const validate = compile(ajv, pointer);
    return (value) => {
      if (validate(value)) return [];
      return (validate.errors ?? []).map(({ instancePath, message = "is not valid", params }) => ({
        pointer: instancePath,
        detail: message + allowedValuesText(params),
      }));
    };
  };
}

function compile(ajv: Ajv2020, pointer: string): ValidateFunction {
  try {
    return ajv.compile({ $ref: `document#${encodeURI(pointer)}` });
  } catch (cause) {
    throw new UnservableError(pointer, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function allowedValuesText({ allowedValues, additionalProperty }: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(allowedValues)) return `: ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
  return typeof additionalProperty === "string" ? `: ${additionalProperty}` : "";
}

/**
 * Converts the schemas of an OpenAPI 3.0 document to JSON Schema 2020-12. Also changes other objects that look like schemas, which is
 * harmless because only schemas are used.
 */
function toJsonSchema2020<Value>(value: Value): Value;
function toJsonSchema2020(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => toJsonSchema2020(item));
  if (!isJsonObject(value)) return value;
  // OpenAPI 3.0 ignores all siblings of a $ref.
  if (typeof value["$ref"] === "string") return { $ref: value["$ref"] };
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = value;
  const { type, enum: values, minimum, maximum } = rest;
  const converted: Record<string, unknown> = { ...rest };
  if (nullable === true && typeof type === "string") converted["type"] = [type, "null"];
  if (nullable === true && Array.isArray(values)) converted["enum"] = [...listOf(values), null];
  Object.assign(
    converted,
    bound("exclusiveMinimum", exclusiveMinimum, minimum),
    bound("exclusiveMaximum", exclusiveMaximum, maximum),
  );
  if (exclusiveMinimum === true) delete converted["minimum"];
  if (exclusiveMaximum === true) delete converted["maximum"];
  return Object.fromEntries(Object.entries(converted).map(([key, schema]) => [key, toJsonSchema2020(schema)]));
}

/** Converts a boolean exclusive flag to a numeric bound. Leaves a property of that name unchanged. */
function bound(keyword: string, flag: unknown, limit: unknown): object {
  if (flag === undefined || flag === false) return {};
  return { [keyword]: flag === true ? limit : flag };
}
