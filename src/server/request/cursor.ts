import { isJsonObject } from "../../core/json/json.ts";
import { Refusal } from "../http/problems.ts";

/** Encodes a cursor: the position at which a page ended, and its list. Opaque to clients. */
export function cursorOf(position: object, list: string): string {
  return Buffer.from(JSON.stringify({ ...position, list })).toString("base64url");
}

/**
 * Decodes a cursor. Rejects one of another list, or of the same list with another filter.
 *
 * @throws Refusal `invalid-cursor`
 */
export function readCursor(cursor: string | undefined, list: string): { readonly [name: string]: unknown } | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (position === undefined) throw invalidCursor("is invalid");
  if (position["list"] !== list) throw invalidCursor("belongs to another list, or to the same with another filter");
  return position;
}

export function invalidCursor(problem: string): Refusal {
  return new Refusal("invalid-cursor", `after: the cursor ${problem}; use "next" of the previous page.`);
}

function decodeCursor(cursor: string): { readonly [name: string]: unknown } | undefined {
  if (!/^[A-Za-z0-9_-]{1,2000}$/.test(cursor)) return undefined;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return isJsonObject(position) ? position : undefined;
  } catch {
    return undefined;
  }
}
