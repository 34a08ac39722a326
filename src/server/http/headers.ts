import type { HttpResponse } from "./exchange.ts";
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

export function contentLengthHeader(body: string | Uint8Array): readonly string[] {
  return ["Content-Length", String(Buffer.byteLength(body))];
}

/** Adds `Content-Length` unless the headers have it, as those of cached responses do. */
export function withContentLength(
  status: number,
  headers: readonly string[],
  body: string | Uint8Array | undefined,
): readonly string[] {
  const isSized = status === 304 || status === 204 || headers.includes("Content-Length");
  return isSized ? headers : [...headers, ...contentLengthHeader(body ?? "")];
}

/** Returns the response to HEAD: the headers of the response to GET, with the length of its body. */
export function withoutBody({ status, headers, body, close }: HttpResponse): HttpResponse {
  const isUnsized = typeof body === "string" || body instanceof Uint8Array;
  return {
    status,
    headers: isUnsized && !headers.includes("Content-Length") ? [...headers, ...contentLengthHeader(body)] : headers,
    ...(close === undefined ? {} : { close }),
  };
}
