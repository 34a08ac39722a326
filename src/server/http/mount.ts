import type { Handler } from "./exchange.ts";
import type { Fetch } from "./fetch.ts";

/** A part of an app that hosts mount: a handler, and the paths that it serves. */
export interface Mount {
  readonly handler: Handler;
  /** Serves one request, for hosts with the Fetch API. */
  readonly fetch: Fetch;
  /** The paths that the handler serves. A path that ends with `/*` includes all paths below it. */
  readonly paths: readonly string[];
  /** The routes on these paths, for hosts that list their routes. */
  readonly routes: readonly MountedRoute[];
  /** Maximum time for a body to arrive. @default 30000 */
  readonly bodyMs?: number | undefined;
  /** Called when the host closes. */
  readonly close?: () => Promise<void>;
}

/** A method and a path that a mount serves. */
export interface MountedRoute {
  /** The HTTP method; `*` for all. A route for GET also serves HEAD. */
  readonly method: string;
  /** Template of the path, such as `/api/orders/{id}`. */
  readonly path: string;
}

/** Returns true if a mount serves a path, if only with a 404. */
export function servesPath({ paths }: Pick<Mount, "paths">, path: string): boolean {
  return paths.some((served) => (served.endsWith("/*") ? path.startsWith(served.slice(0, -1)) : path === served));
}
