import type { AuthenticateRequest } from "../access/access.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/]+=*) *$/i;

/** Returns the token of `Authorization: Bearer`. @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export function bearerToken({ header }: AuthenticateRequest): string | undefined {
  return BEARER.exec(header("authorization") ?? "")?.[1];
}

/**
 * Returns the password of `Authorization: Basic`, the only scheme that a browser can send by itself when a page is opened.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7617
 */
export function basicPassword({ header }: AuthenticateRequest): string | undefined {
  const encoded = BASIC.exec(header("authorization") ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon === -1 ? undefined : pair.slice(colon + 1);
}
