import { Refusal } from "../http/problems.ts";
import { MAX_LIST_VALUES } from "../http/request-headers.ts";

/** The query parameters by name; values are still percent-encoded. */
export type Query = ReadonlyMap<string, string>;

const NO_QUERY: Query = new Map();

/**
 * Parses a query. Rejects unknown and repeated parameters.
 *
 * @param prefix of further known parameters @throws Refusal `invalid-query`
 */
export function parseQuery(query: string, known: readonly string[], prefix?: string): Query {
  if (query === "") return NO_QUERY;
  const parameters = new Map<string, string>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decodeParameter(equals === -1 ? part : part.slice(0, equals));
    const isKnown = known.includes(name) || (prefix !== undefined && name.startsWith(prefix));
    if (!isKnown) throw unknownParameter(name, known);
    if (parameters.has(name)) throw new Refusal("invalid-query", `${name} is duplicated; send it once.`);
    parameters.set(name, equals === -1 ? "" : part.slice(equals + 1));
  }
  return parameters;
}

function unknownParameter(name: string, known: readonly string[]): Refusal {
  const hint = known.length === 0 ? "This request has no parameters" : `Known here: ${known.join(", ")}`;
  return new Refusal(
    "invalid-query",
    `${JSON.stringify(name.slice(0, 100))} is not a parameter of this request. ${hint}.`,
  );
}

/** Decodes a percent-encoded name or value. @throws Refusal `invalid-query` */
export function decodeParameter(text: string): string {
  try {
    const decoded = decodeURIComponent(text.replaceAll("+", " "));
    if (decoded.includes("\0")) throw new URIError("NUL");
    return decoded;
  } catch {
    throw new Refusal("invalid-query", `${JSON.stringify(text.slice(0, 100))} is not percent-encoded UTF-8 text.`);
  }
}

/**
 * Returns the distinct values of a list parameter, joined by commas. Clients that encode whole values encode these
 * commas too, so a decoded value is split at commas again, unless it is declared.
 *
 * @throws Refusal `invalid-query` if a value is empty or there are too many
 */
export function listParameter(
  query: Query,
  name: string,
  declared: ReadonlySet<string>,
): readonly string[] | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const max = Math.max(MAX_LIST_VALUES, declared.size);
  const encoded = text.split(",", max + 1);
  const decoded = encoded.length > max ? encoded : encoded.map(decodeParameter);
  const values = decoded.flatMap((value) => (declared.has(value) ? [value] : value.split(",", max + 1)));
  if (values.length > max) {
    throw new Refusal("invalid-query", `${name}: too many values; send at most ${max}.`);
  }
  if (values.includes("")) {
    throw new Refusal("invalid-query", `${name}: a value is empty; send one or several values, joined by commas.`);
  }
  return [...new Set(values)];
}

/** Maximum length of a text parameter that is searched for. */
const MAX_TEXT_LENGTH = 200;

/**
 * Returns the trimmed text of a parameter; undefined if it is absent or empty.
 *
 * @throws Refusal `invalid-query` if it is too long
 */
export function textParameter(query: Query, name: string): string | undefined {
  const text = decodeParameter(query.get(name) ?? "").trim();
  if (text.length <= MAX_TEXT_LENGTH) return text === "" ? undefined : text;
  throw new Refusal("invalid-query", `${name}: the text is too long; send at most ${MAX_TEXT_LENGTH} characters.`);
}

/** Returns a parameter that is a whole number from 1 to `max`. @throws Refusal `invalid-query` */
export function countParameter(query: Query, name: string, fallback: number, max: number): number {
  const text = query.get(name);
  if (text === undefined) return fallback;
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new Refusal(
    "invalid-query",
    `${name}: ${JSON.stringify(text.slice(0, 100))} is not a whole number from 1 to ${max}.`,
  );
}
