import { isJsonObject } from "../../core/json/json.ts";
import { escapePointer } from "../../core/json/schema.ts";
import { descendant, children, type ResolvedPointer } from "./json-pointer.ts";
import type { MockDocument } from "./load-document.ts";
import { UnservableError } from "./unservable.ts";

export type JsonObject = { readonly [name: string]: unknown };

/** A resource of the pattern, as described by an OpenAPI document. */
export interface MockResource {
  /** Path template of the collection. The template of the item has one more segment. */
  readonly path: string;
  /** Path parameter that contains the id of an item. */
  readonly parameter: string;
  readonly body: MockBody | undefined;
  /** Media type of representations. */
  readonly type: string;
  /** Documented examples of the representation in order. Each is one state, and the last one is settled. */
  readonly states: readonly [JsonObject, ...JsonObject[]];
  /** True if the 202 response contains the representation. */
  readonly showsAccepted: boolean;
}

export interface MockBody {
  readonly required: boolean;
  /** Pointers of the schemas, by media type. Undefined for a media type without a schema. */
  readonly schemas: ReadonlyMap<string, string | undefined>;
}

export interface FoundResources {
  readonly resources: readonly MockResource[];
  /** Parts of the document that are not served, each with the reason. */
  readonly notServed: readonly string[];
}

const JSON_TYPE = /^application\/(?:[^;]+\+)?json\b/i;

/** Finds the resources of a document that follow the pattern. @throws UnservableError if there are none */
export function findResources(document: MockDocument): FoundResources {
  const paths = descendant({ document, pointer: "", value: document }, "paths");
  const creations =
    paths === undefined
      ? []
      : children(paths).filter(([, item]) => descendant(item, "post", "responses", "202") !== undefined);
  if (paths === undefined || creations.length === 0) {
    throw new UnservableError(
      "/paths",
      "no path has a POST with a 202 response, so there is nothing to create and follow",
    );
  }
  const resources: MockResource[] = [];
  const unservable: UnservableError[] = [];
  for (const [path, item] of creations) {
    try {
      resources.push(describeResource(paths, path, item));
    } catch (error) {
      if (!(error instanceof UnservableError)) throw error;
      unservable.push(error);
    }
  }
  const [first] = unservable;
  if (resources.length === 0 && first !== undefined) throw first;
  return { resources, notServed: unservable.map(({ message }) => message) };
}

function describeResource(paths: ResolvedPointer, path: string, item: ResolvedPointer): MockResource {
  const { parameter, get } = findItem(paths, path);
  const representation = jsonContent(descendant(get, "responses", "200") ?? descendant(get, "responses", "2XX"));
  if (representation === undefined) {
    throw new UnservableError(
      `${get.pointer}/responses`,
      "has no 200 response with JSON content; add one that shows the resource",
    );
  }
  const { type, media } = representation;
  return {
    path,
    parameter,
    body: describeBody(descendant(item, "post", "requestBody")),
    type,
    states: readStates(media),
    showsAccepted: jsonContent(descendant(item, "post", "responses", "202")) !== undefined,
  };
}

/** Finds the GET below a collection whose path has one more parameter. */
function findItem(paths: ResolvedPointer, path: string): { readonly parameter: string; readonly get: ResolvedPointer } {
  const collection = path.replace(/\/$/, "");
  for (const [template, item] of children(paths)) {
    const parameter = template.startsWith(`${collection}/`)
      ? /^\{([^{}/]+)\}\/?$/.exec(template.slice(collection.length + 1))?.[1]
      : undefined;
    const get = descendant(item, "get");
    if (parameter !== undefined && get !== undefined) return { parameter, get };
  }
  throw new UnservableError(
    `/paths/${escapePointer(path)}/post`,
    `has a 202 response, but no path ${collection}/{...} has a GET to follow the new resource`,
  );
}

function jsonContent(
  response: ResolvedPointer | undefined,
): { readonly type: string; readonly media: ResolvedPointer } | undefined {
  const content = response === undefined ? undefined : descendant(response, "content");
  const found = content === undefined ? undefined : children(content).find(([type]) => JSON_TYPE.test(type));
  return found === undefined ? undefined : { type: found[0], media: found[1] };
}

function describeBody(body: ResolvedPointer | undefined): MockBody | undefined {
  if (body === undefined) return undefined;
  const content = descendant(body, "content");
  const types = content === undefined ? [] : children(content).filter(([type]) => JSON_TYPE.test(type));
  if (types.length === 0) {
    throw new UnservableError(body.pointer, "has no JSON content; other media types are not supported");
  }
  return {
    required: body.value["required"] === true,
    schemas: new Map(types.map(([type, media]) => [type.toLowerCase(), descendant(media, "schema")?.pointer])),
  };
}

function readStates(media: ResolvedPointer): readonly [JsonObject, ...JsonObject[]] {
  const examples = descendant(media, "examples");
  const states = examples === undefined ? [] : children(examples).map(([, example]) => readState(example, "value"));
  if (states.length === 0 && media.value["example"] !== undefined) states.push(readState(media, "example"));
  const [first, ...further] = states;
  if (first !== undefined) return [first, ...further];
  throw new UnservableError(
    media.pointer,
    "has no examples; add one under examples for each state in order, the last one settled",
  );
}

function readState(pointer: ResolvedPointer, key: string): JsonObject {
  const value = pointer.value[key];
  if (isJsonObject(value)) return value;
  const reason = value === undefined ? `has no ${key}; external examples are not read` : `its ${key} must be an object`;
  throw new UnservableError(pointer.pointer, reason);
}
