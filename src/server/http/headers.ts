import type { Shown } from "../representation/representation.ts";
import { JSON_TYPE } from "../request/negotiate.ts";
import { SECURE } from "./problems.ts";

const VALIDATED = ["Cache-Control", "private, no-cache", "Vary", "Accept"] as const;

/** On every JSON answer. */
export const JSON_HEADERS = ["Content-Type", JSON_TYPE, ...VALIDATED, ...SECURE] as const;

/** On an answer without a body, a 304 too: the same, but for what describes the body. */
export const BODILESS_HEADERS = [...VALIDATED, ...SECURE] as const;

export function pacing({ retryAfter }: Shown): readonly string[] {
  return retryAfter === undefined ? [] : ["Retry-After", String(retryAfter)];
}

export function etag(tag: string): readonly string[] {
  return ["ETag", `"${tag}"`];
}

export function contentLength(body: string): readonly string[] {
  return ["Content-Length", String(Buffer.byteLength(body))];
}
