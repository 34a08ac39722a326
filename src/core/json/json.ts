/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A JSON value as text. Stores keep configurations, details and results as text, so clients read the bytes that were
 * committed.
 */
export type JsonText = string;

/**
 * The type of `JSON.parse(JSON.stringify(value))` for a `T`: the type of a step's result, on the first run as on a
 * replay.
 *
 * `undefined` alone becomes `undefined`, because a step may return nothing. A Date becomes its ISO 8601 string,
 * `undefined` in an array becomes null; `undefined` in an object and methods are left out. Values that `encodeJson`
 * rejects, such as a Map, have the type `never`.
 */
export type Jsonified<T> = [T] extends [Json]
  ? T
  : T extends NotJson
    ? never
    : T extends { toJSON(): infer R }
      ? Jsonified<R>
      : T extends null | boolean | number | string | undefined | void
        ? T
        : T extends readonly unknown[]
          ? { [K in keyof T]: JsonElement<T[K]> }
          : T extends object
            ? { [K in keyof T as JsonKey<K, T[K]>]: Jsonified<T[K]> }
            : T;

/** Error is missing: every object with a `name` and a `message` would match its type. */
type NotJson =
  | bigint
  | symbol
  | ((...parameters: never[]) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | Promise<unknown>
  | ArrayBuffer
  | ArrayBufferView;

/** An element of an array keeps its index. */
type JsonElement<T> = T extends undefined | void ? null : Jsonified<T>;

type JsonKey<K, V> = K extends symbol ? never : V extends symbol | ((...parameters: never[]) => unknown) ? never : K;

/** Returns true for an object that JSON encodes as an object: neither null nor an array. */
export function isJsonObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
