import { isDeepStrictEqual } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** An OpenAPI document of any origin, as far as merging reads it. */
export interface AnyDocument extends JsonObject {
  readonly openapi: string;
  readonly paths?: Readonly<Record<string, JsonObject>>;
  readonly components?: Readonly<Record<string, JsonObject>>;
  readonly tags?: readonly JsonObject[];
  readonly servers?: readonly { readonly url: string }[];
  readonly security?: readonly JsonObject[];
}

/** @throws DefinitionError unless the document is one of OpenAPI 3 */
export function asDocument(document: object, name: string): AnyDocument {
  if (isDocument(document)) return document;
  throw new DefinitionError(
    `mergeOpenApi: the ${name} is not an OpenAPI document of version 3.0, 3.1 or 3.2; its field openapi must be such as "3.1.1"`,
  );
}

function isDocument(document: object): document is AnyDocument {
  return "openapi" in document && typeof document.openapi === "string" && /^3\.[012]\./.test(document.openapi);
}

/** Compares two values as JSON. Fields without a value do not count. */
export function equals(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(withoutUndefined(one), withoutUndefined(other));
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isJsonObject(value)) return value;
  const given = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(given.map(([name, field]) => [name, withoutUndefined(field)]));
}

/** Fields whose values are data, not parts of the document. */
const DATA: ReadonlySet<string> = new Set(["example", "examples", "default", "enum", "const", "value"]);

/** Fields whose values are objects by name, so that their fields may have any name. */
const BY_NAME: ReadonlySet<string> = new Set(
  "paths schemas responses parameters requestBodies headers links callbacks content properties patternProperties $defs".split(
    " ",
  ),
);

/** Applies a function to all objects of a document, the innermost first. */
export function mapObjects<Value>(value: Value, map: (object: JsonObject) => JsonObject): Value {
  const visit = (part: unknown, isByName = false): unknown => {
    if (Array.isArray(part)) return part.map((each) => visit(each));
    if (!isJsonObject(part)) return part;
    const fields = Object.entries(part).map(([name, field]): readonly [string, unknown] => [
      name,
      DATA.has(name) && !isByName ? field : visit(field, BY_NAME.has(name) && !isByName),
    ]);
    const copied: JsonObject = Object.fromEntries(fields);
    return isByName ? copied : map(copied);
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function keeps the kind of each object
  return visit(value) as Value;
}
