import type { Representation } from "../representation/representation.ts";
import { JSON_TYPE } from "../request/negotiate.ts";
import { SECURITY_HEADERS } from "./problems.ts";

const REVALIDATE = ["Cache-Control", "private, no-cache", "Vary", "Accept"] as const;

/** On every JSON answer. */
export const JSON_HEADERS = ["Content-Type", JSON_TYPE, ...REVALIDATE, ...SECURITY_HEADERS] as const;

/** On an answer without a body, a 304 too: the same, but for what describes the body. */
export const BODILESS_HEADERS = [...REVALIDATE, ...SECURITY_HEADERS] as const;

export function retryAfterHeader({ retryAfter }: Representation): readonly string[] {
  return retryAfter === undefined ? [] : ["Retry-After", String(retryAfter)];
}

export function etagHeader(tag: string): readonly string[] {
  return ["ETag", `"${tag}"`];
}

export function contentLengthHeader(body: string): readonly string[] {
  return ["Content-Length", String(Buffer.byteLength(body))];
}
