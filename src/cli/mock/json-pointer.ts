import { isJsonObject } from "../../core/json/json.ts";
import { resolvePointer } from "../../core/json/resolve-pointer.ts";
import { escapePointer } from "../../core/json/schema.ts";
import type { MockDocument } from "./load-document.ts";
import { UnservableError } from "./unservable.ts";

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

/** Maximum number of references that lead to a value, one after the other. */
const MAX_REFERENCES = 100;

/** @throws UnservableError for a reference that leads back to itself */
function resolveReferences(document: MockDocument, pointer: string, value: unknown): ResolvedPointer | undefined {
  let found = { pointer, value };
  for (let count = 0; count < MAX_REFERENCES; count++) {
    if (!isJsonObject(found.value)) return undefined;
    const { $ref } = found.value;
    if (typeof $ref !== "string") return { document, pointer: found.pointer, value: found.value };
    found = { pointer: $ref.slice(1), value: resolvePointer(document, $ref) };
  }
  throw new UnservableError(pointer, "has a reference that leads back to itself");
}
