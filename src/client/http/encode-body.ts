import { AfootError } from "../../core/errors.ts";
import type { JsonText } from "../../core/json/json.ts";

/** Finite numbers, and the kinds of values that JSON encodes without a loss. */
const LOSSLESS = /^-?\d|t (?:Object|Array|String|Boolean|Null|Undefined)\]$/;

/**
 * Encodes a body as `JSON.stringify` does, but rejects values that `JSON.stringify` would lose in silence, such as NaN
 * and Map. The rules are those of `encodeJson` of the core, which is too large for pages.
 *
 * @throws AfootError `invalid-body` with the path of the value
 */
export function encodeBody(body: unknown): JsonText | undefined {
  const paths = new Map<unknown, string>();
  return JSON.stringify(body, function check(this: object, key: string, value: unknown) {
    const parent = paths.get(this);
    const path = parent === undefined ? "body" : `${parent}.${key}`;
    paths.set(value, path);
    // A `toJSON` that returns a string is trusted; that of a Buffer returns its bytes as numbers.
    const source: unknown = typeof value === "string" ? value : Reflect.get(this, key);
    const kind = typeof value === "number" ? String(value) : Object.prototype.toString.call(source);
    if (key in this && LOSSLESS.test(kind)) return value;
    throw new AfootError("invalid-body", `${path}: ${kind} is not JSON`);
  });
}
