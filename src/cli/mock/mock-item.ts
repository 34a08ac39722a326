import { isJsonObject } from "../../core/json/json.ts";
import { equalsJson } from "../../server/request/merge-patch.ts";
import type { JsonObject, MockResource } from "./find-resources.ts";

/** Finds the field of the examples that contains the resource's id, and its value. */
export function exampleId({ parameter, states: [first] }: MockResource): ExampleId | undefined {
  for (const field of [parameter, "id"]) {
    const id = first[field];
    if (typeof id === "string" || typeof id === "number") return { field, id: String(id) };
  }
  return undefined;
}

export interface ExampleId {
  readonly field: string;
  readonly id: string;
}

/**
 * Builds the representation of an item in one state: the example with the item's own id. A posted field replaces the field of the
 * example if that is the same in all states.
 */
export function representation(resource: MockResource, state: JsonObject, id: string, posted: JsonObject): JsonObject {
  const example = exampleId(resource);
  const fields = Object.entries(state).map(([name, value]): [string, unknown] => {
    if (name === example?.field) return [name, typeof value === "number" ? Number(id) : id];
    if (Object.hasOwn(posted, name) && isConstant(resource, name)) return [name, posted[name]];
    return [name, example === undefined ? value : replaceIdInLinks(value, example.id, id)];
  });
  return Object.fromEntries(fields);
}

function isConstant({ states }: MockResource, name: string): boolean {
  const values = states.filter((state) => Object.hasOwn(state, name)).map((state) => state[name]);
  return values.every((value) => equalsJson(value, values[0]));
}

/** Replaces the example's id in the paths of its links. */
function replaceIdInLinks(value: unknown, example: string, id: string): unknown {
  if (typeof value === "string") return value.includes("/") ? replaceSegment(value, example, id) : value;
  if (Array.isArray(value)) return value.map((item: unknown) => replaceIdInLinks(item, example, id));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaceIdInLinks(each, example, id)]));
}

function replaceSegment(path: string, example: string, id: string): string {
  return path
    .split("/")
    .map((segment) => (segment === example ? id : segment))
    .join("/");
}
