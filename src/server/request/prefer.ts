/** What a client would like. A preference is a hint: what cannot be read is passed over. */
export interface Preferences {
  /** How long to hold the answer; undefined where nothing is said of it. */
  readonly waitSeconds: number | undefined;
  /** `return=minimal`: no body. */
  readonly minimal: boolean;
}

const NONE: Preferences = { waitSeconds: undefined, minimal: false };

const PREFERENCE = /([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^",; \t]*)))?[^,]*(?:,|$)/gi;

/** Reads `Prefer`. Of two equal preferences the first counts. @see https://www.rfc-editor.org/rfc/rfc7240 */
export function parsePrefer(header: string | undefined): Preferences {
  if (header === undefined) return NONE;
  const preferences = new Map<string, string>();
  for (const [, name = "", quoted, token] of header.matchAll(PREFERENCE)) {
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, quoted ?? token ?? "");
  }
  const wait = preferences.get("wait") ?? "";
  return {
    waitSeconds: /^[0-9]{1,9}$/.test(wait) ? Number(wait) : undefined,
    minimal: preferences.get("return")?.toLowerCase() === "minimal",
  };
}
