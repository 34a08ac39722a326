import { checkCount } from "./list-header.ts";

/** The preferences of a client. They are hints, so invalid ones are ignored. */
export interface Preferences {
  /** Seconds of `wait`, to respond later by long polling; undefined without this preference. */
  readonly waitSeconds: number | undefined;
  /** True for `return=minimal`: no body in the response. */
  readonly minimal: boolean;
}

const NONE: Preferences = { waitSeconds: undefined, minimal: false };

const PREFERENCE = /([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^",; \t]*)))?[^,]*(?:,|$)/gi;

/**
 * Parses `Prefer`. The first of equal preferences counts.
 *
 * @throws Refusal `invalid-header` if it has too many preferences
 * @see https://www.rfc-editor.org/rfc/rfc7240
 */
export function parsePrefer(header: string | undefined): Preferences {
  if (header === undefined) return NONE;
  const preferences = new Map<string, string>();
  let count = 0;
  for (const [, name = "", quoted, token] of header.matchAll(PREFERENCE)) {
    checkCount(++count, "Prefer");
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, quoted ?? token ?? "");
  }
  const wait = preferences.get("wait") ?? "";
  return {
    waitSeconds: /^[0-9]{1,9}$/.test(wait) ? Number(wait) : undefined,
    minimal: preferences.get("return")?.toLowerCase() === "minimal",
  };
}
