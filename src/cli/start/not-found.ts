import type { AppParts } from "../../app/create-app.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { Handler, HttpRequest, HttpResponse } from "../../server/http/exchange.ts";
import { withoutBody } from "../../server/http/headers.ts";
import { problemResponse, Refusal } from "../../server/http/problems.ts";
import { pathPrefixOf } from "../../server/http/public-url.ts";

/** Creates the handler of paths that nothing else serves. Its 404 lists the paths to try. */
export function notFoundHandler(app: AppParts): Handler {
  const { types, options } = app;
  const { basePath, publicUrl, problemTypes } = options;
  const prefix = pathPrefixOf(publicUrl);
  const paths = [
    ...(options.dashboard ? ["/dashboard"] : []),
    "/docs",
    "/openapi.json",
    "/livez",
    "/readyz",
    "/metrics",
    ...(options.mcp === false ? [] : ["/mcp"]),
    // Only authenticated requests may learn the types.
    ...(options.authenticate === undefined ? types : []).map(({ path }) => `${basePath}/${path}`),
  ];
  const available = paths.map((path) => prefix + path).join(", ");
  const refusal = new Refusal("not-found", `No route matches this path. Available: ${available}.`);
  const handle = ({ method, path }: HttpRequest): HttpResponse => {
    const response = problemResponse(refusal, { path: prefix + path, problemTypes }, silentLog);
    return method === "HEAD" ? withoutBody(response) : response;
  };
  return Object.assign(handle, { close: async () => {} });
}
