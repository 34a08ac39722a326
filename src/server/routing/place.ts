import type { Endpoint } from "../context.ts";

/** What can be asked of one path: endpoints by method, and the `Allow` that names them. */
export interface Place {
  /** The template of its path, such as `/api/orders/{id}`: by this, metrics and traces name what was asked for. */
  readonly route: string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly allow: string;
}

export function place(route: string, endpoints: Readonly<Record<string, Endpoint>>): Place {
  const methods = Object.keys(endpoints).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return { route, endpoints: new Map(Object.entries(endpoints)), allow: [...methods, "OPTIONS"].join(", ") };
}
