import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { REQUEST_HEADERS } from "../http/request-headers.ts";

/** Options for pages of other origins that use the API from a browser. */
export interface CorsOptions {
  /** The allowed origins, such as `https://app.example.com`; `*` for all. */
  readonly origins: "*" | readonly string[];
}

/** Response headers that a page may read, besides those that every page may. */
const EXPOSED_HEADERS = "ETag, Link, Location, Operation-Location, Preference-Applied, Retry-After";
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const PREFLIGHT_SECONDS = "7200";

const PREFLIGHT = [
  "Access-Control-Allow-Methods",
  METHODS,
  "Access-Control-Allow-Headers",
  REQUEST_HEADERS.join(", "),
  "Access-Control-Max-Age",
  PREFLIGHT_SECONDS,
] as const;

/**
 * Adds the CORS headers that let a page of another origin read a response.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCors(response: HttpResponse, request: HttpRequest, { origins }: CorsOptions): HttpResponse {
  const origin = request.header("origin");
  const allowed = origins === "*" ? "*" : origins.find((each) => each === origin);
  // A cache must not serve the response for one origin to another.
  const vary = origins === "*" ? [] : ["Vary", "Origin"];
  if (origin === undefined || allowed === undefined) return { ...response, headers: [...response.headers, ...vary] };
  const headers = [...response.headers, ...vary, "Access-Control-Allow-Origin", allowed];
  return {
    ...response,
    headers: [...headers, ...(isPreflight(request) ? PREFLIGHT : ["Access-Control-Expose-Headers", EXPOSED_HEADERS])],
  };
}

export function isPreflight(request: HttpRequest): boolean {
  return request.method === "OPTIONS" && request.header("access-control-request-method") !== undefined;
}
