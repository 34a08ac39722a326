import type { CamelCase } from "../core/definition/names.ts";
import { Collection } from "./collection.ts";
import { createTransport, type TransportOptions } from "./http/transport.ts";
import type { SpecOf, TypedApp } from "./types.ts";

export type ClientOptions = TransportOptions;

/** The collections of an app, each by the camel case of its path: `virtual-machines` is `virtualMachines`. */
export type Client<App extends TypedApp> = {
  readonly [Spec in SpecOf<App> as CamelCase<Spec["path"]>]: Collection<Spec>;
};

/**
 * Makes a typed client: `createClient<typeof app>("https://example.com/api")`. The app is needed for its types alone, so import it
 * with `import type`.
 *
 * @param url where the collections stand, the server's base path included
 */
export function createClient<App extends TypedApp>(url: string | URL, options: ClientOptions = {}): Client<App> {
  const transport = createTransport(options);
  const { origin, pathname } = new URL(url, pageUrl());
  const base = origin + pathname.replace(/\/+$/, "");
  const collectionOf = (_: object, name: string | symbol): Collection | undefined =>
    typeof name === "string" && NAME.test(name) ? new Collection(transport, `${base}/${pathOf(name)}`) : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- which names there are, only the type knows
  return new Proxy({}, { get: collectionOf }) as Client<App>;
}

/** Not `then`: a client that an async function returns is no promise. */
const NAME = /^(?!then$)[a-z][A-Za-z0-9]*$/;

/** Undoes `camelCase`: the words of a path begin with letters, so that nothing is lost. */
function pathOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** In a browser, `/api` means that of the page. */
function pageUrl(): string | undefined {
  const location: unknown = Reflect.get(globalThis, "location");
  return location instanceof Object && "href" in location ? String(location.href) : undefined;
}
