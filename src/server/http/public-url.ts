import { DefinitionError } from "../../core/errors.ts";
import type { HttpRequest } from "./exchange.ts";

const SEGMENTS = /^(?:\/[A-Za-z0-9._~-]+)*$/;

/**
 * Parses the URL under which clients reach the server. Its path is the prefix that a proxy removes. Returns the URL
 * without a slash at the end.
 *
 * @throws DefinitionError that names the option
 */
export function parsePublicUrl(text: string, option: string): string {
  const url = URL.parse(text);
  const path = url?.pathname.replace(/\/$/, "") ?? "";
  // A URL can have an empty query, user or fragment, which its properties do not show.
  const isPlain = !/[?#@\s]/.test(text) && SEGMENTS.test(path);
  if (url !== null && isPlain && /^https?:$/.test(url.protocol)) return url.origin + path;
  throw new DefinitionError(
    `${option}: ${JSON.stringify(text)} is not an http or https origin with an optional path prefix, such as "https://api.example.com" or "https://api.example.com/svc"`,
  );
}

/** Returns the path prefix that a proxy removes from requests, such as `/svc`; empty if there is none. */
export function pathPrefixOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? "" : new URL(publicUrl).pathname.replace(/\/$/, "");
}

/**
 * Returns the path under which a client reaches a path of the server. Requests of this process itself pass no proxy.
 */
export type PublicPath = (path: string, request: Pick<HttpRequest, "trusted">) => string;

export function createPublicPath(publicUrl: string | undefined): PublicPath {
  const prefix = pathPrefixOf(publicUrl);
  return prefix === "" ? (path) => path : (path, { trusted = false }) => (trusted ? path : prefix + path);
}
