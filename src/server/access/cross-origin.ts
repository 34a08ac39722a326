import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import type { CorsOptions } from "./cors.ts";

interface TrustedOrigins {
  readonly cors?: CorsOptions | undefined;
  readonly publicUrl?: string | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what a page of another origin has a browser send: with the credentials that the browser keeps, or from inside a network where
 * none are needed. A POST without a body needs no preflight, so that a link to a page would be enough to cancel something. Programs
 * send neither header.
 *
 * @throws Refusal `forbidden`
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function rejectCrossOriginWrites(request: HttpRequest, { cors, publicUrl }: TrustedOrigins): void {
  if (SAFE_METHODS.has(request.method)) return;
  const site = request.header("sec-fetch-site");
  if (site === "same-origin" || site === "none") return;
  const origin = request.header("origin");
  // Browsers say the site to https and localhost alone; else the origin tells.
  if (site === undefined && (origin === undefined || isOwnOrigin(origin, request, publicUrl))) return;
  if (cors !== undefined && origin !== undefined && (cors.origins === "*" || cors.origins.includes(origin))) return;
  throw new Refusal(
    "forbidden",
    "A page of another origin may change nothing here; name the origin in `cors` of createApp, or, where it is the API's own behind a proxy, in `publicUrl`.",
  );
}

function isOwnOrigin(origin: string, request: HttpRequest, publicUrl: string | undefined): boolean {
  const host = URL.parse(origin)?.host;
  // By the host alone: in front of us may stand what speaks https.
  return origin === publicUrl || (host !== undefined && host === URL.parse(request.origin() ?? "")?.host);
}
