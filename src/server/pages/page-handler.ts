import { type Log, silentLog } from "../../core/ports/log.ts";
import { authenticateRequest, authorizeCollection, authorizeOperator } from "../access/access.ts";
import type { Handler, HttpRequest, HttpResponse } from "../http/exchange.ts";
import { fetchHandler } from "../http/fetch.ts";
import { withoutBody } from "../http/headers.ts";
import { type Mount, servesPath } from "../http/mount.ts";
import { problemResponse, Refusal, SECURITY_HEADERS } from "../http/problems.ts";
import { pathPrefixOf } from "../http/public-url.ts";
import type { ServerOptions } from "../options.ts";
import type { Page } from "./page.ts";

/** The part of an app that its pages use. Its options may change at the start of the app. */
export interface PageApp {
  readonly options: ServerOptions;
  /** @default no log */
  readonly log?: Log;
}

const ALLOW = "GET, HEAD, OPTIONS";

/** Mounts pages below a prefix. */
export function mountPages(pages: readonly Page[], app: PageApp, prefix = ""): Mount {
  const mounted = pages.map((page) => ({ ...page, paths: [prefix + page.path] }));
  const respond = async (request: HttpRequest): Promise<HttpResponse> => {
    const page = mounted.find((each) => servesPath(each, request.path));
    if (page === undefined) throw notFound();
    await authorizePage(page, request, app.options);
    if (request.method === "OPTIONS") return { status: 204, headers: ["Allow", ALLOW, ...SECURITY_HEADERS] };
    if (request.method !== "GET" && request.method !== "HEAD") {
      const detail = `${request.method} is not supported here; allowed: ${ALLOW}.`;
      throw new Refusal("method-not-allowed", detail, { headers: ["Allow", ALLOW] });
    }
    const response = await page.respond(request, request.path.slice(prefix.length));
    if (response === undefined) throw notFound();
    return response;
  };
  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const { publicUrl, problemTypes } = app.options;
    const problemContext = { path: pathPrefixOf(publicUrl) + request.path, problemTypes };
    const response = await respond(request).catch((error: unknown) =>
      problemResponse(error, problemContext, app.log ?? silentLog),
    );
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
  const handler: Handler = Object.assign(handle, { close: async () => {} });
  const paths = mounted.flatMap((page) => page.paths);
  return {
    handler,
    fetch: fetchHandler(uncompressed(handler)),
    paths,
    routes: paths.map((path) => ({ method: "*", path })),
  };
}

/** Responds without compression: Next.js compresses responses itself, and removes `Content-Encoding`. */
function uncompressed(handler: Handler): Handler {
  const handle = (request: HttpRequest): ReturnType<Handler> =>
    handler({
      ...request,
      header: (name) => (name === "accept-encoding" ? undefined : request.header(name)),
    });
  return Object.assign(handle, { close: handler.close });
}

function notFound(): Refusal {
  return new Refusal("not-found", "Nothing is served at this path.");
}

/**
 * Restricts a page to principals that may use the API, unless `authorize` denies them. Metrics cover the resources of all
 * owners, so they require that `authorize` returns true, or an operator.
 *
 * @throws Refusal `unauthenticated`, `forbidden`
 */
async function authorizePage({ access: type }: Page, request: HttpRequest, options: ServerOptions): Promise<void> {
  if (options.authenticate === undefined || type === "public") return;
  const { method } = request;
  const principal = await authenticateRequest(request, options);
  if (type === "metrics") await authorizeOperator(principal, { method, type }, options);
  else await authorizeCollection(principal, { method, type }, options);
}
