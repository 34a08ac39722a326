import type { Endpoint } from "../context.ts";

/** The endpoints of a path by method, and its `Allow` header. */
export interface Route {
  /** Template of the path, such as `/api/orders/{id}`. Metrics and traces use it as the name of the route. */
  readonly template: string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly allow: string;
}

export function route(template: string, endpoints: Readonly<Record<string, Endpoint>>): Route {
  const methods = Object.keys(endpoints).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return { template, endpoints: new Map(Object.entries(endpoints)), allow: [...methods, "OPTIONS"].join(", ") };
}
