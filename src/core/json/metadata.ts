import { isJsonObject, type JsonText } from "./json.ts";
import { escapePointer, type Issue } from "./schema.ts";

/** Maximum number of pairs of a resource. */
export const MAX_PAIRS = 16;
/** Maximum length of a key, in characters. */
export const MAX_KEY_LENGTH = 64;
/** Maximum length of a value, in characters. */
export const MAX_VALUE_LENGTH = 512;

/** Pairs of strings that clients attach to a resource. */
export type Metadata = Readonly<Record<string, string>>;

/** Parses stored metadata. */
export function metadataOf(stored: JsonText | null): Metadata {
  const value: unknown = stored === null ? {} : JSON.parse(stored);
  return Object.fromEntries(isJsonObject(value) ? Object.entries(value).map(([key, each]) => [key, String(each)]) : []);
}

/** Returns the errors of a merge patch of metadata. */
export function metadataIssues(patch: unknown): readonly Issue[] {
  if (patch === undefined || patch === null) return [];
  if (!isJsonObject(patch)) return [{ pointer: "/metadata", detail: "must be an object of strings" }];
  return Object.entries(patch).flatMap(([key, value]) => {
    const detail = keyError(key) ?? valueError(value);
    return detail === undefined ? [] : [{ pointer: `/metadata/${escapePointer(key)}`, detail }];
  });
}

/** Returns the reason why no pair can have this key. */
export function keyError(key: string): string | undefined {
  if (key === "") return "has an empty key; a key has at least 1 character";
  return textError("key", key, MAX_KEY_LENGTH);
}

function valueError(value: unknown): string | undefined {
  if (value === null) return undefined;
  return typeof value === "string"
    ? textError("value", value, MAX_VALUE_LENGTH)
    : "must be a string, or null to remove the key";
}

function textError(part: "key" | "value", text: string, max: number): string | undefined {
  // JSON Schema counts a character outside of the Basic Multilingual Plane, which takes two units, once.
  const { length } = text.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, "_");
  return length > max ? `has a ${part} of ${length} characters; a ${part} has at most ${max}` : undefined;
}

/**
 * Merges a patch into stored metadata. Null and the empty string remove a key.
 *
 * @returns the pairs sorted by key, so that equal metadata has one text; null if none is left
 */
export function mergeMetadata(
  stored: JsonText | null,
  patch: unknown,
): { readonly text: JsonText | null; readonly count: number } {
  const entries = isJsonObject(patch) ? Object.entries(patch) : [];
  const merged = new Map(patch === null ? [] : Object.entries(metadataOf(stored)));
  for (const [key, value] of entries) {
    if (typeof value === "string" && value !== "") merged.set(key, value);
    else merged.delete(key);
  }
  const sorted = [...merged].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { text: sorted.length === 0 ? null : JSON.stringify(Object.fromEntries(sorted)), count: sorted.length };
}
