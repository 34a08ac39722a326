import { isJsonObject } from "../../core/json/json.ts";
import { Refusal } from "../http/problems.ts";

/** Makes a cursor: where a page ended, and of which list. Opaque to clients. */
export function cursorOf(position: object, list: string): string {
  return Buffer.from(JSON.stringify({ ...position, list })).toString("base64url");
}

/**
 * Reads a cursor back. `list` says of which list, its filter included: a cursor of another one is refused.
 *
 * @throws Refusal `invalid-cursor`
 */
export function readCursor(cursor: string | undefined, list: string): { readonly [name: string]: unknown } | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (position === undefined) throw invalidCursor("is not one that this server made");
  if (position["list"] !== list) throw invalidCursor("belongs to another list, or to the same with another filter");
  return position;
}

export function invalidCursor(why: string): Refusal {
  return new Refusal("invalid-cursor", `after: the cursor ${why}; take it from "next" of the page before.`);
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
