import { isJsonObject } from "../../core/json/json.ts";
import { resolvePointer } from "../../core/json/resolve-pointer.ts";
import { escapePointer } from "../../core/json/schema.ts";
import type { MockDocument } from "./load-document.ts";

/** A JSON pointer (RFC 6901) and the object at its location, with references resolved. */
export interface ResolvedPointer {
  readonly document: MockDocument;
  /** RFC 6901 pointer to `value`. */
  readonly pointer: string;
  readonly value: { readonly [key: string]: unknown };
}

/** Returns the object at a path of keys below a location. Returns undefined if there is none. */
export function descendant(
  { document, pointer, value }: ResolvedPointer,
  ...keys: readonly string[]
): ResolvedPointer | undefined {
  const [key, ...further] = keys;
  if (key === undefined) return { document, pointer, value };
  const child = Object.hasOwn(value, key)
    ? resolveReferences(document, `${pointer}/${escapePointer(key)}`, value[key])
    : undefined;
  return child === undefined ? undefined : descendant(child, ...further);
}

/** Returns the objects directly below a location, by key. */
export function children(parent: ResolvedPointer): readonly (readonly [string, ResolvedPointer])[] {
  return Object.keys(parent.value).flatMap((key) => {
    const child = descendant(parent, key);
    return child === undefined ? [] : [[key, child] as const];
  });
}

function resolveReferences(document: MockDocument, pointer: string, value: unknown): ResolvedPointer | undefined {
  if (!isJsonObject(value)) return undefined;
  const { $ref } = value;
  if (typeof $ref !== "string") return { document, pointer, value };
  return resolveReferences(document, $ref.slice(1), resolvePointer(document, $ref));
}
