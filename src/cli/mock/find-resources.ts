import { isJsonObject } from "../../core/json/json.ts";
import { escapePointer } from "../../core/json/schema.ts";
import { below, entries, type Place } from "./json-pointer.ts";
import type { MockDocument } from "./load-document.ts";
import { UnservableError } from "./unservable.ts";

export type JsonObject = { readonly [name: string]: unknown };

/** A resource of the pattern, as a document describes it. */
export interface MockResource {
  /** The path template of the collection; that of the item has one segment more. */
  readonly path: string;
  /** The path parameter that names an item. */
  readonly parameter: string;
  readonly body: MockBody | undefined;
  /** Media type of representations. */
  readonly type: string;
  /** The documented examples of a representation, in order: one for each state, the last one settled. */
  readonly states: readonly [JsonObject, ...JsonObject[]];
  /** The answer to POST shows the representation. */
  readonly showsAccepted: boolean;
}

export interface MockBody {
  readonly required: boolean;
  /** Pointers of schemas, by media type; undefined where anything goes. */
  readonly schemas: ReadonlyMap<string, string | undefined>;
}

export interface FoundResources {
  readonly resources: readonly MockResource[];
  /** What of the document is not served, and why. */
  readonly left: readonly string[];
}

const JSON_TYPE = /^application\/(?:[^;]+\+)?json\b/i;

/** Finds what of a document is of the pattern. @throws UnservableError where nothing is */
export function findResources(document: MockDocument): FoundResources {
  const paths = below({ document, pointer: "", value: document }, "paths");
  const creations =
    paths === undefined
      ? []
      : entries(paths).filter(([, item]) => below(item, "post", "responses", "202") !== undefined);
  if (paths === undefined || creations.length === 0) {
    throw new UnservableError(
      "/paths",
      "no path has a POST that is answered 202: there is nothing to create and follow",
    );
  }
  const resources: MockResource[] = [];
  const left: UnservableError[] = [];
  for (const [path, item] of creations) {
    try {
      resources.push(resourceOf(paths, path, item));
    } catch (error) {
      if (!(error instanceof UnservableError)) throw error;
      left.push(error);
    }
  }
  const [first] = left;
  if (resources.length === 0 && first !== undefined) throw first;
  return { resources, left: left.map(({ message }) => message) };
}

function resourceOf(paths: Place, path: string, item: Place): MockResource {
  const { parameter, get } = itemOf(paths, path);
  const shown = jsonContent(below(get, "responses", "200") ?? below(get, "responses", "2XX"));
  if (shown === undefined) {
    throw new UnservableError(
      `${get.pointer}/responses`,
      "has no 200 with a JSON content, which would show the resource",
    );
  }
  const { type, media } = shown;
  return {
    path,
    parameter,
    body: bodyOf(below(item, "post", "requestBody")),
    type,
    states: statesOf(media),
    showsAccepted: jsonContent(below(item, "post", "responses", "202")) !== undefined,
  };
}

/** The path with one parameter more than the collection's, and its GET. */
function itemOf(paths: Place, path: string): { readonly parameter: string; readonly get: Place } {
  const collection = path.replace(/\/$/, "");
  for (const [template, item] of entries(paths)) {
    const parameter = template.startsWith(`${collection}/`)
      ? /^\{([^{}/]+)\}\/?$/.exec(template.slice(collection.length + 1))?.[1]
      : undefined;
    const get = below(item, "get");
    if (parameter !== undefined && get !== undefined) return { parameter, get };
  }
  throw new UnservableError(
    `/paths/${escapePointer(path)}/post`,
    `is answered 202, but no path ${collection}/{...} has a GET with which to follow what it creates`,
  );
}

function jsonContent(response: Place | undefined): { readonly type: string; readonly media: Place } | undefined {
  const content = response === undefined ? undefined : below(response, "content");
  const found = content === undefined ? undefined : entries(content).find(([type]) => JSON_TYPE.test(type));
  return found === undefined ? undefined : { type: found[0], media: found[1] };
}

function bodyOf(body: Place | undefined): MockBody | undefined {
  if (body === undefined) return undefined;
  const content = below(body, "content");
  const types = content === undefined ? [] : entries(content).filter(([type]) => JSON_TYPE.test(type));
  if (types.length === 0) throw new UnservableError(body.pointer, "takes no JSON, and nothing else is known here");
  return {
    required: body.value["required"] === true,
    schemas: new Map(types.map(([type, media]) => [type.toLowerCase(), below(media, "schema")?.pointer])),
  };
}

function statesOf(media: Place): readonly [JsonObject, ...JsonObject[]] {
  const examples = below(media, "examples");
  const states = examples === undefined ? [] : entries(examples).map(([, example]) => stateOf(example, "value"));
  if (states.length === 0 && media.value["example"] !== undefined) states.push(stateOf(media, "example"));
  const [first, ...further] = states;
  if (first !== undefined) return [first, ...further];
  throw new UnservableError(
    media.pointer,
    "has no examples; give one under examples for each state, in order, the last one settled",
  );
}

function stateOf(place: Place, key: string): JsonObject {
  const value = place.value[key];
  if (isJsonObject(value)) return value;
  const why =
    value === undefined ? `has no ${key}; an example that stands elsewhere is not read` : `its ${key} is not an object`;
  throw new UnservableError(place.pointer, why);
}
