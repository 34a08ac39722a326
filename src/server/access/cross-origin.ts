import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import type { CorsOptions } from "./cors.ts";

interface TrustedOrigins {
  readonly cors?: CorsOptions | undefined;
  readonly publicUrl?: string | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Rejects writes that a page of another origin makes a browser send (CSRF): with stored credentials, or from inside a
 * network that needs none. A POST without a body needs no preflight, so visiting a page would be enough to cancel an
 * operation. Clients that are not browsers send neither header.
 *
 * @throws Refusal `forbidden`
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function rejectCrossOriginWrites(request: HttpRequest, { cors, publicUrl }: TrustedOrigins): void {
  if (SAFE_METHODS.has(request.method)) return;
  const site = request.header("sec-fetch-site");
  if (site === "same-origin" || site === "none") return;
  const origin = request.header("origin");
  // Browsers send Sec-Fetch-Site to https and localhost only; otherwise the origin decides.
  if (site === undefined && (origin === undefined || isOwnOrigin(origin, request, publicUrl))) return;
  if (cors !== undefined && origin !== undefined && isAllowed(origin, request, cors)) return;
  throw new Refusal(
    "forbidden",
    "Pages of other origins may not change anything. Add the origin to `cors` of createApp; if it is the API's own behind a proxy, set `publicUrl`.",
  );
}

/**
 * With `*`, any page may use its own credentials, but not those that the browser adds by itself: a POST without a body
 * has no preflight that would stop it.
 */
function isAllowed(origin: string, request: HttpRequest, { origins }: CorsOptions): boolean {
  if (origins !== "*") return origins.includes(origin);
  const isOfBrowser = !/^(?:Bearer |$)/i.test(request.header("authorization") ?? "");
  return !isOfBrowser && request.header("cookie") === undefined;
}

function isOwnOrigin(origin: string, request: HttpRequest, publicUrl: string | undefined): boolean {
  const host = URL.parse(origin)?.host;
  // Compares hosts only: a proxy in front of the server may terminate https.
  return (
    (publicUrl !== undefined && origin === new URL(publicUrl).origin) ||
    (host !== undefined && host === URL.parse(request.origin() ?? "")?.host)
  );
}
