import { createHash } from "node:crypto";
import { isJsonObject } from "../../core/json/json.ts";
import { Refusal } from "../http/problems.ts";
import type { Query } from "./query.ts";

/** The fields of a position in a list, with their types. */
type PositionFields = Readonly<Record<string, "integer" | "string">>;

type Position<Fields extends PositionFields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends "integer" ? number : string;
};

/**
 * Returns the fingerprint of a list, by its type and filter. A cursor is valid only for the list that it was made for.
 */
export function listFingerprint(filter: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(filter)).digest("base64url").slice(0, 12);
}

/** Encodes a cursor: the position at which a page ended, and its list. Opaque to clients. */
export function cursorOf(position: object, list: string): string {
  return Buffer.from(JSON.stringify({ ...position, list })).toString("base64url");
}

/**
 * Decodes the cursor of a query, if it has one. Rejects one of another list, or of the same list with another filter.
 *
 * @throws Refusal `invalid-cursor`
 */
export function readCursor<const Fields extends PositionFields>(
  query: Query,
  list: string,
  fields: Fields,
): Position<Fields> | undefined {
  const cursor = query.get("after");
  if (cursor === undefined) return undefined;
  const decoded = decodeCursor(cursor);
  if (decoded === undefined) throw invalidCursor("is invalid");
  if (decoded["list"] !== list) throw invalidCursor("belongs to another list, or to the same with another filter");
  const position = Object.fromEntries(Object.keys(fields).map((name) => [name, decoded[name]]));
  if (!isPosition(position, fields)) throw invalidCursor("is invalid");
  return position;
}

function invalidCursor(problem: string): Refusal {
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

function isPosition<Fields extends PositionFields>(
  position: Readonly<Record<string, unknown>>,
  fields: Fields,
): position is Position<Fields> {
  return Object.entries(fields).every(([name, type]) =>
    type === "integer" ? Number.isSafeInteger(position[name]) : typeof position[name] === "string",
  );
}

/** A page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** The last row, if there is a next page. */
  readonly last: Row | undefined;
}

/** Splits rows into a page of `limit` rows. One row more than that shows that there is a next page. */
export function pageOf<Row>(rows: readonly Row[], limit: number): Page<Row> {
  const page = rows.slice(0, limit);
  return { rows: page, last: rows.length > limit ? page.at(-1) : undefined };
}

/** Returns the `Link` header to the next page, with the other parameters of the query. */
export function nextLink(path: string, query: Query, next: string | undefined): readonly string[] {
  if (next === undefined) return [];
  const parameters = [...query]
    .filter(([name]) => name !== "after")
    .map(([name, value]) => `${encodeURIComponent(name)}=${value}`);
  return ["Link", `<${path}?${[...parameters, `after=${next}`].join("&")}>; rel="next"`];
}
