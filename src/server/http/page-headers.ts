import { hash } from "node:crypto";
import { SECURITY_HEADERS } from "./problems.ts";

/** The sources that a page may load and the origins that it may reach. */
export interface PagePolicy {
  /** The page, whose inline scripts are allowed by their hashes. @default no inline script runs */
  readonly html?: string;
  /** Other origins that its scripts may fetch from, such as that of the API. @default none */
  readonly apiOrigins?: readonly string[];
  /** Allows inline styles, in the page and in attributes. @default false */
  readonly inlineStyles?: boolean;
}

/**
 * Returns the headers of every HTML page. The page loads from this server only, runs its own scripts only, submits no
 * form, cannot be framed, shares no window with other origins and sends no referrer.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function pageHeaders(policy: PagePolicy = {}): Readonly<Record<string, string>> {
  return { "content-security-policy": contentPolicy(policy), ...PAGE_HEADERS };
}

const [nosniffName, nosniff] = SECURITY_HEADERS;

const PAGE_HEADERS = {
  [nosniffName.toLowerCase()]: nosniff,
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

function contentPolicy({ html = "", apiOrigins: connect = [], inlineStyles = false }: PagePolicy): string {
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...scriptHashes(html)].join(" ")}`,
    `style-src 'self'${inlineStyles ? " 'unsafe-inline'" : ""}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src ${["'self'", ...connect].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function scriptHashes(html: string): readonly string[] {
  const scripts = [...html.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, script = ""]) => script);
  return scripts.filter((script) => script !== "").map((script) => `'sha256-${hash("sha256", script, "base64")}'`);
}
