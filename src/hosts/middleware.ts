import type { IncomingMessage, ServerResponse } from "node:http";
import { fetchHandler } from "../server/http/fetch.ts";
import { type Mount, servesPath } from "../server/http/mount.ts";
import { type NodeServing, nodeServing, type NodeServingOptions } from "../server/http/node-listener.ts";
import { pathOf } from "../server/http/node-request.ts";
import { type MountedApp, toMount } from "./api-mount.ts";

/** A request of Express or Connect, which removes the path of a router from `url`. */
interface MiddlewareRequest extends IncomingMessage {
  readonly originalUrl?: string;
}

/** A middleware of Express, NestJS or Connect. */
export type Middleware = (incoming: MiddlewareRequest, response: ServerResponse, next: () => void) => void;

/** Options of {@link middleware}, after the mounted parts. */
export type MiddlewareOptions = Pick<NodeServingOptions, "clock" | "log">;

/**
 * Serves an app and its pages in Express, NestJS or Connect: `site.use(middleware([app, app.pages()]))`. Requests to
 * other paths go to the next middleware. Register it before a body parser, because an app reads bodies itself.
 */
export function middleware(mounted: readonly (MountedApp | Mount)[], options: MiddlewareOptions = {}): Middleware {
  const served = mounted.map((each) => {
    const mount = toMount(each);
    return { paths: mount.paths, serve: nodeServing(mount.handler, { ...options, bodyMs: mount.bodyMs }) };
  });
  const find = (url: string | undefined): NodeServing | undefined =>
    url === undefined ? undefined : served.find((each) => servesPath(each, pathOf(url)))?.serve;
  return (incoming, response, next) => {
    const { originalUrl } = incoming;
    const serve = find(incoming.url);
    if (serve !== undefined) {
      serve(incoming, response);
      return;
    }
    const serveOriginal = find(originalUrl);
    if (serveOriginal === undefined) next();
    else serveOriginal(incoming, response, { url: originalUrl });
  };
}

/** The part of a Hono context that the middleware uses. */
interface FetchContext {
  readonly req: { readonly raw: Request };
}

/**
 * Serves an app and its pages in Hono: `site.use(fetchMiddleware([app, app.pages()]))`. Requests to other paths go to
 * the next middleware.
 */
export function fetchMiddleware(
  mounted: readonly (MountedApp | Mount)[],
): (context: FetchContext, next: () => Promise<void>) => Promise<Response | undefined> {
  const mounts = mounted.map((each) => {
    const { paths, handler, bodyMs } = toMount(each);
    return { paths, fetch: fetchHandler(handler, { bodyMs }) };
  });
  return async (context, next) => {
    const { raw } = context.req;
    const { pathname } = new URL(raw.url);
    const mount = mounts.find((each) => servesPath(each, pathname));
    if (mount !== undefined) return mount.fetch(raw, context);
    await next();
    return undefined;
  };
}
