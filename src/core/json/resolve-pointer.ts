import { isJsonObject } from "./json.ts";
import type { JsonSchema } from "./schema.ts";

/** Returns the object to which a reference such as `#/a/b` points in a document; undefined if it points to none. */
export function resolvePointer(document: unknown, reference: string): JsonSchema | undefined {
  if (!reference.startsWith("#")) return undefined;
  let found: unknown = document;
  for (const part of reference.slice(1).split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return isJsonObject(found) ? found : undefined;
}
