import { isJsonObject } from "./json.ts";
import { resolvePointer } from "./resolve-pointer.ts";
import type { JsonSchema } from "./schema.ts";

/**
 * The names that lead to a field of a configuration, outermost first. A path continues through lists, to the field of
 * each item.
 */
export type FieldPath = readonly string[];

/**
 * Changes the schema of one field at every place that declares it: in lists, alternatives and references. Returns
 * undefined if the schema declares no such field.
 *
 * @param edit returns the new schema of the field; undefined removes the field
 */
export function editField(
  schema: JsonSchema,
  path: readonly string[],
  edit: (field: unknown) => unknown,
): JsonSchema | undefined {
  let isFound = false;

  const inValue = (value: unknown, names: readonly string[], within: ReadonlySet<string>): unknown =>
    isJsonObject(value) ? inSchema(value, names, within) : value;

  const inSchema = (each: JsonSchema, names: readonly string[], within: ReadonlySet<string>): JsonSchema => {
    const { $ref, ...others } = each;
    if (typeof $ref === "string") {
      const target = within.has($ref) ? undefined : resolvePointer(schema, $ref);
      // Other references to the same target may lead to a field that is not redacted, so each reference gets its own
      // copy.
      return target === undefined ? each : inSchema({ ...target, ...others }, names, new Set([...within, $ref]));
    }
    const entries = Object.entries(each).map(([keyword, value]): [string, unknown] => {
      if (ITEMS.has(keyword)) return [keyword, inValue(value, names, within)];
      if (LISTS.has(keyword) && Array.isArray(value)) {
        return [keyword, value.map((item) => inValue(item, names, within))];
      }
      return [keyword, value];
    });
    return inProperties(Object.fromEntries(entries), names);
  };

  const inProperties = (each: JsonSchema, [name = "", ...more]: readonly string[]): JsonSchema => {
    const { properties, required } = each;
    if (!isJsonObject(properties) || !Object.hasOwn(properties, name)) return each;
    const put = (field: unknown): JsonSchema => ({ ...each, properties: { ...properties, [name]: field } });
    if (more.length > 0) return put(inValue(properties[name], more, NONE));
    isFound = true;
    const field = edit(properties[name]);
    if (field !== undefined) return put(field);
    const { [name]: _, ...kept } = properties;
    const needed = Array.isArray(required) ? { required: required.filter((other) => other !== name) } : {};
    return { ...each, properties: kept, ...needed };
  };

  const changed = inSchema(schema, path, NONE);
  return isFound ? changed : undefined;
}

const NONE: ReadonlySet<string> = new Set();
const ITEMS: ReadonlySet<string> = new Set(["items", "contains", "if", "then", "else"]);
const LISTS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
