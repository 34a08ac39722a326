import type { CamelCase } from "../core/definition/names.ts";
import { type Collection, createCollection } from "./collection.ts";
import { fieldsOf, stringOrUndefined } from "./http/reply.ts";
import { createTransport, type TransportOptions } from "./http/transport.ts";
import type { SpecOf, TypedApp } from "./types.ts";

/** Options of {@link createClient}. */
export type ClientOptions = TransportOptions;

/** The collections of an app, each by the camel case of its path: `virtual-machines` is `virtualMachines`. */
export type Client<App extends TypedApp> = {
  readonly [Spec in SpecOf<App> as CamelCase<Spec["path"]>]: Collection<Spec>;
};

/**
 * Creates a typed client: `createClient<typeof app>("https://example.com/api")`. The app is needed for its types alone,
 * so import it with `import type`.
 *
 * @param url the URL of the API, the server's base path included
 */
export function createClient<App extends TypedApp>(url: string | URL, options: ClientOptions = {}): Client<App> {
  const transport = createTransport(options);
  const { origin, pathname } = new URL(url, pageUrl());
  const base = origin + pathname.replace(/\/+$/, "");
  const collectionOf = (_: object, name: string | symbol): Collection | undefined =>
    typeof name === "string" && COLLECTION_NAME.test(name)
      ? createCollection(transport, `${base}/${pathOf(name)}`)
      : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the type knows the names of the collections
  return new Proxy({}, { get: collectionOf }) as Client<App>;
}

/** Excludes `then`, so that a client returned by an async function is not taken for a promise. */
const COLLECTION_NAME = /^(?!then$)[a-z][A-Za-z0-9]*$/;

/** Reverses `camelCase`. Each word of a path begins with a letter, so the conversion is lossless. */
function pathOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, "-$&").toLowerCase();
}

/** Returns the URL of the page in a browser, so that `/api` is relative to it. */
function pageUrl(): string | undefined {
  return stringOrUndefined(fieldsOf(Reflect.get(globalThis, "location"))["href"]);
}
