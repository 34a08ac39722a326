import type { Header, Reference } from "./open-api.ts";
import type { Components } from "./schemas/components.ts";

const HEADERS = {
  "Retry-After": {
    description: "Seconds to wait before the next request.",
    schema: { type: "integer", minimum: 0 },
    example: 5,
  },
  ETag: {
    description:
      "Identifies the state shown. Send it in `If-None-Match` to get a body only after a change, in `If-Match` to change this state only.",
    schema: { type: "string" },
    example: '"01k3v7-6rX0Zl2vQhT1yA9b"',
  },
  "Last-Modified": {
    description: "Time of the last change of the resource, to the second.",
    schema: { type: "string" },
    example: "Sat, 31 Jan 2026 12:00:00 GMT",
  },
  "Operation-Location": {
    description: "The absolute URL of the operation, for clients that follow operations rather than resources.",
    schema: { type: "string", format: "uri" },
  },
  "Preference-Applied": {
    description: "The preferences of `Prefer` that were applied.",
    schema: { type: "string" },
    example: "wait=10",
  },
  Link: {
    description: 'URL of the next page with `rel="next"`; absent on the last page.',
    schema: { type: "string" },
    example: '</api/things?after=eyJ>; rel="next"',
  },
  Allow: {
    description: "The methods supported by this path.",
    schema: { type: "string" },
    example: "GET, HEAD, DELETE, OPTIONS",
  },
  "WWW-Authenticate": {
    description: "The accepted authentication schemes.",
    schema: { type: "string" },
    example: "Bearer",
  },
} as const satisfies Record<string, Header>;

export type HeaderName = keyof typeof HEADERS;

/** Returns references to response headers. */
export function headers(components: Components, names: readonly HeaderName[]): Readonly<Record<string, Reference>> {
  return Object.fromEntries(
    names.map((name) => [name, components.header(name.replaceAll("-", ""), () => HEADERS[name])]),
  );
}

/** Returns a reference to the `Retry-After` of a representation, which is present exactly while an operation is in progress. */
export function pacingHeader(components: Components): Reference {
  return components.header("RetryAfterInProgress", () => ({
    description:
      "Seconds to wait before the next poll. Present exactly while an operation is in progress: without it, the resource is settled.",
    schema: { type: "integer", minimum: 1 },
    example: 5,
  }));
}
