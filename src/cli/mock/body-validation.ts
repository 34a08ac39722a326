import ajvFormats from "ajv-formats";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { isJsonObject } from "../../core/json/json.ts";
import type { Issue } from "../../core/json/schema.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import type { MockDocument } from "./load-document.ts";
import { UnservableError } from "./unservable.ts";

/** Gives every fault of a value. */
export type Validation = (value: unknown) => readonly Issue[];

/** Makes validations by the schemas of a document. @throws UnservableError for a schema that is none */
export function createValidations(document: MockDocument): (pointer: string) => Validation {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, logger: false });
  ajvFormats.default(ajv);
  const isOld = String(document["openapi"]).startsWith("3.0");
  ajv.addSchema(isOld ? modern(document) : document, "document");
  return (pointer) => {
    const validate = compiled(ajv, pointer);
    return (value) => {
      if (validate(value)) return [];
      return (validate.errors ?? []).map(({ instancePath, message = "is not valid", params }) => ({
        pointer: instancePath,
        detail: message + allowed(params),
      }));
    };
  };
}

function compiled(ajv: Ajv2020, pointer: string): ValidateFunction {
  try {
    return ajv.compile({ $ref: `document#${encodeURI(pointer)}` });
  } catch (cause) {
    throw new UnservableError(pointer, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function allowed({ allowedValues, additionalProperty }: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(allowedValues)) return `: ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
  return typeof additionalProperty === "string" ? `: ${additionalProperty}` : "";
}

/** Schemas of OpenAPI 3.0 in the words of JSON Schema 2020-12. Whatever else looks like one may change too: it is not looked at. */
function modern<Value>(value: Value): Value;
function modern(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => modern(item));
  if (!isJsonObject(value)) return value;
  // Beside a reference nothing else counted.
  if (typeof value["$ref"] === "string") return { $ref: value["$ref"] };
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = value;
  const { type, enum: values, minimum, maximum } = rest;
  const changed: Record<string, unknown> = { ...rest };
  if (nullable === true && typeof type === "string") changed["type"] = [type, "null"];
  if (nullable === true && Array.isArray(values)) changed["enum"] = [...listOf(values), null];
  Object.assign(
    changed,
    bound("exclusiveMinimum", exclusiveMinimum, minimum),
    bound("exclusiveMaximum", exclusiveMaximum, maximum),
  );
  if (exclusiveMinimum === true) delete changed["minimum"];
  if (exclusiveMaximum === true) delete changed["maximum"];
  return Object.fromEntries(Object.entries(changed).map(([key, each]) => [key, modern(each)]));
}

/** What was a mark on a bound is a bound. A property of that name stays. */
function bound(keyword: string, mark: unknown, limit: unknown): object {
  if (mark === undefined || mark === false) return {};
  return { [keyword]: mark === true ? limit : mark };
}
