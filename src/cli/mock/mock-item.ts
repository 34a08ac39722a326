import { isJsonObject } from "../../core/json/json.ts";
import { sameJson } from "../../server/request/merge-patch.ts";
import type { JsonObject, MockResource } from "./find-resources.ts";

/** The field of the examples that names the resource, and what it holds there. */
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
 * The representation of one item in one state: the example, with the item's own id, and with what was posted in the place of
 * what is the same in every example.
 */
export function representation(resource: MockResource, state: JsonObject, id: string, posted: JsonObject): JsonObject {
  const example = exampleId(resource);
  const shown = Object.entries(state).map(([name, value]): [string, unknown] => {
    if (name === example?.field) return [name, typeof value === "number" ? Number(id) : id];
    if (Object.hasOwn(posted, name) && isSameInAll(resource, name)) return [name, posted[name]];
    return [name, example === undefined ? value : withId(value, example.id, id)];
  });
  return Object.fromEntries(shown);
}

function isSameInAll({ states }: MockResource, name: string): boolean {
  const values = states.filter((state) => Object.hasOwn(state, name)).map((state) => state[name]);
  return values.every((value) => sameJson(value, values[0]));
}

/** Links of an example name its id in their path. */
function withId(value: unknown, example: string, id: string): unknown {
  if (typeof value === "string") return value.includes("/") ? replaced(value, example, id) : value;
  if (Array.isArray(value)) return value.map((item: unknown) => withId(item, example, id));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withId(each, example, id)]));
}

function replaced(path: string, example: string, id: string): string {
  return path
    .split("/")
    .map((segment) => (segment === example ? id : segment))
    .join("/");
}
