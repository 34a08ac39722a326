/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The text of a JSON value. Stores keep configurations, details and results as text, so that what was committed is shown byte for byte. */
export type JsonText = string;

/**
 * What `JSON.parse(JSON.stringify(value))` makes of a `T`: the type of a step's result, on the first run as on a replay.
 *
 * `undefined` alone becomes `undefined` (a step may return nothing); a Date becomes its ISO 8601 string; functions, symbols and `undefined` in objects are left out.
 */
export type Jsonified<T> = [T] extends [Json]
  ? T
  : T extends { toJSON(): infer R }
    ? Jsonified<R>
    : T extends null | boolean | number | string | undefined | void
      ? T
      : T extends bigint | symbol | ((...parameters: never[]) => unknown)
        ? never
        : T extends readonly unknown[]
          ? { [K in keyof T]: JsonElement<T[K]> }
          : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
            ? {}
            : T extends object
              ? { [K in keyof T as JsonKey<K, T[K]>]: Jsonified<T[K]> }
              : T;

/** What stands in an array keeps its place, as null where JSON has no word for it. */
type JsonElement<T> = T extends undefined | void | symbol | ((...parameters: never[]) => unknown) ? null : Jsonified<T>;

type JsonKey<K, V> = K extends symbol ? never : V extends symbol | ((...parameters: never[]) => unknown) ? never : K;

/** True for what JSON writes as an object: not null, not an array. */
export function isJsonObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
