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
      "Names what is shown. Send it back in `If-None-Match` to be told of a change alone, in `If-Match` to change this state and no other.",
    schema: { type: "string" },
    example: '"01k3v7-6rX0Zl2vQhT1yA9b"',
  },
  "Last-Modified": {
    description: "When the resource last changed, to the second.",
    schema: { type: "string" },
    example: "Sat, 31 Jan 2026 12:00:00 GMT",
  },
  "Operation-Location": {
    description: "The absolute URL of the operation, for clients that follow operations rather than resources.",
    schema: { type: "string", format: "uri" },
  },
  "Preference-Applied": {
    description: "The preferences of `Prefer` that were met.",
    schema: { type: "string" },
    example: "wait=10",
  },
  Link: {
    description: 'The next page, as `rel="next"`; absent on the last one.',
    schema: { type: "string" },
    example: '</api/things?after=eyJ>; rel="next"',
  },
  Allow: {
    description: "The methods that are for this path.",
    schema: { type: "string" },
    example: "GET, HEAD, DELETE, OPTIONS",
  },
  "WWW-Authenticate": {
    description: "Which credentials are needed.",
    schema: { type: "string" },
    example: "Bearer",
  },
} as const satisfies Record<string, Header>;

export type HeaderName = keyof typeof HEADERS;

/** Refers to response headers. */
export function headers(components: Components, names: readonly HeaderName[]): Readonly<Record<string, Reference>> {
  return Object.fromEntries(
    names.map((name) => [name, components.header(name.replaceAll("-", ""), () => HEADERS[name])]),
  );
}

/** `Retry-After` of an answer that shows a resource: its presence says that something is in progress. */
export function pacingHeader(components: Components): Reference {
  return components.header("RetryAfterInProgress", () => ({
    description:
      "Seconds to wait before the next look. Present exactly while something is in progress: without it, the resource is settled.",
    schema: { type: "integer", minimum: 1 },
    example: 5,
  }));
}
