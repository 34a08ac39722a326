import { SECURITY_HEADERS } from "./problems.ts";

export const JSON_TYPE = "application/json";
export const EVENTS_TYPE = "text/event-stream";

const REVALIDATE = ["Cache-Control", "private, no-cache", "Vary", "Accept"] as const;

/** Headers of every JSON response. */
export const JSON_HEADERS = ["Content-Type", JSON_TYPE, ...REVALIDATE, ...SECURITY_HEADERS] as const;

/**
 * Headers of a response without a body, including 304: those of a JSON response without the ones that describe the
 * body.
 */
export const BODILESS_HEADERS = [...REVALIDATE, ...SECURITY_HEADERS] as const;

export function retryAfterHeader({ retryAfter }: { readonly retryAfter: number | undefined }): readonly string[] {
  return retryAfter === undefined ? [] : ["Retry-After", String(retryAfter)];
}

export function etagHeader(tag: string): readonly string[] {
  return ["ETag", `"${tag}"`];
}

export function contentLengthHeader(body: string): readonly string[] {
  return ["Content-Length", String(Buffer.byteLength(body))];
}
