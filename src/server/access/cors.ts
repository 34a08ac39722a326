import type { HttpRequest, HttpResponse } from "../http/exchange.ts";

/** Which pages of other origins may use the API from a browser. */
export interface CorsOptions {
  /** Their origins, such as `https://app.example.com`; `*` for all. */
  readonly origins: "*" | readonly string[];
}

/** What a page may send beside what every page may. */
const ALLOWED_HEADERS =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, Traceparent";
/** What a page may read beside what every page may. */
const EXPOSED_HEADERS = "ETag, Link, Location, Operation-Location, Preference-Applied, Retry-After";
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const PREFLIGHT_SECONDS = "7200";

const PREFLIGHT = [
  "Access-Control-Allow-Methods",
  METHODS,
  "Access-Control-Allow-Headers",
  ALLOWED_HEADERS,
  "Access-Control-Max-Age",
  PREFLIGHT_SECONDS,
] as const;

/** Adds to an answer what a browser needs to give it to a page of another origin. @see https://fetch.spec.whatwg.org/#http-cors-protocol */
export function withCors(response: HttpResponse, request: HttpRequest, { origins }: CorsOptions): HttpResponse {
  const origin = request.header("origin");
  const allowed = origins === "*" ? "*" : origins.find((each) => each === origin);
  // What is answered to one origin is not for a cache to give to another.
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
