import { Refusal } from "../http/problems.ts";

/** The query parameters by name; values are still percent-encoded. */
export type Query = ReadonlyMap<string, string>;

const NO_QUERY: Query = new Map();

/**
 * Parses a query. Rejects unknown and repeated parameters.
 *
 * @throws Refusal `invalid-query`
 */
export function parseQuery(query: string, known: readonly string[]): Query {
  if (query === "") return NO_QUERY;
  const parameters = new Map<string, string>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decodeParameter(equals === -1 ? part : part.slice(0, equals));
    if (!known.includes(name)) throw unknownParameter(name, known);
    if (parameters.has(name)) throw new Refusal("invalid-query", `${name} is duplicated; send it once.`);
    parameters.set(name, equals === -1 ? "" : part.slice(equals + 1));
  }
  return parameters;
}

function unknownParameter(name: string, known: readonly string[]): Refusal {
  const hint = known.length === 0 ? "This request has no parameters" : `Known here: ${known.join(", ")}`;
  return new Refusal("invalid-query", `${JSON.stringify(name)} is not a parameter of this request. ${hint}.`);
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
 * Returns the values of a list parameter, joined by commas. Clients that encode whole values encode these commas too, so a decoded
 * value is split at commas again, unless it is in `whole`.
 */
export function listParameter(query: Query, name: string, whole: ReadonlySet<string>): readonly string[] | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const encoded = text.split(",").map(decodeParameter);
  const values = encoded.flatMap((value) => (whole.has(value) ? [value] : value.split(",")));
  if (values.includes("")) {
    throw new Refusal("invalid-query", `${name}: a value is empty; send one or several values, joined by commas.`);
  }
  return values;
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
