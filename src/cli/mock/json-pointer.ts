import { isJsonObject } from "../../core/json/json.ts";
import { resolvePointer } from "../../core/json/resolve-pointer.ts";
import { escapePointer } from "../../core/json/schema.ts";
import type { MockDocument } from "./load-document.ts";

/** A place in a document, references followed. */
export interface Place {
  readonly document: MockDocument;
  /** An RFC 6901 pointer. */
  readonly pointer: string;
  readonly value: { readonly [key: string]: unknown };
}

/** What stands below a place, where that is an object. */
export function below({ document, pointer, value }: Place, ...keys: readonly string[]): Place | undefined {
  const [key, ...further] = keys;
  if (key === undefined) return { document, pointer, value };
  const found = Object.hasOwn(value, key)
    ? followed(document, `${pointer}/${escapePointer(key)}`, value[key])
    : undefined;
  return found === undefined ? undefined : below(found, ...further);
}

/** The objects that stand directly below a place. */
export function entries(place: Place): readonly (readonly [string, Place])[] {
  return Object.keys(place.value).flatMap((key) => {
    const found = below(place, key);
    return found === undefined ? [] : [[key, found] as const];
  });
}

function followed(document: MockDocument, pointer: string, value: unknown): Place | undefined {
  if (!isJsonObject(value)) return undefined;
  const { $ref } = value;
  if (typeof $ref !== "string") return { document, pointer, value };
  return followed(document, $ref.slice(1), resolvePointer(document, $ref));
}
