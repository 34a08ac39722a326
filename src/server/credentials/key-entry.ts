import { isJsonObject } from "../../core/json/json.ts";
import type { Principal } from "../../core/principal.ts";

/** The entry of one key in a key file: its principal and its hash. The key itself is not stored. */
export interface KeyEntry {
  /** Id of the key, for `afoot keys remove`. */
  readonly id: string;
  /** SHA-256 of the key in hexadecimal. */
  readonly hash: string;
  readonly principal: Principal;
  /** Purpose of the key. */
  readonly label?: string;
  /** ISO 8601 date and time. */
  readonly createdAt: string;
  /** ISO 8601 date and time from which the key is invalid. Absent: the key does not expire. */
  readonly expiresAt?: string;
}

/** Renders the text of a key file. */
export function keyFileText(entries: readonly KeyEntry[]): string {
  return `${JSON.stringify({ keys: entries }, undefined, 2)}\n`;
}

/** Parses the text of a key file. Throws a TypeError that names the invalid field. */
export function parseKeyFile(text: string): readonly KeyEntry[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new TypeError("it is not JSON", { cause });
  }
  const keys = isJsonObject(file) ? file["keys"] : undefined;
  if (!Array.isArray(keys)) throw new TypeError("it has no array `keys`");
  const entries = keys.map((entry: unknown, index) => entryOf(entry, `keys[${index}]`));
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw new TypeError("two keys have the same id");
  return entries;
}

function entryOf(entry: unknown, path: string): KeyEntry {
  if (!isJsonObject(entry)) throw new TypeError(`${path} is not an object`);
  const text = (name: string, pattern: RegExp): string => {
    const value = entry[name];
    if (typeof value === "string" && pattern.test(value)) return value;
    throw new TypeError(`${path}.${name} is missing or invalid; use \`afoot keys\` to write the file`);
  };
  const instant = (name: string): string => {
    const value = text(name, /./);
    if (!Number.isNaN(Date.parse(value))) return value;
    throw new TypeError(`${path}.${name} is not a date`);
  };
  return {
    id: text("id", /^[0-9a-z]{1,64}$/),
    hash: text("hash", /^[0-9a-f]{64}$/),
    principal: principalOf(entry["principal"], `${path}.principal`),
    createdAt: instant("createdAt"),
    ...(entry["label"] === undefined ? {} : { label: text("label", /^/) }),
    ...(entry["expiresAt"] === undefined ? {} : { expiresAt: instant("expiresAt") }),
  };
}

function principalOf(value: unknown, path: string): Principal {
  const { id, owner, operator } = isJsonObject(value) ? value : {};
  if (typeof id !== "string" || id === "") throw new TypeError(`${path}.id is missing`);
  if (owner !== undefined && (typeof owner !== "string" || owner === "")) {
    throw new TypeError(`${path}.owner must be a non-empty string`);
  }
  if (operator !== undefined && typeof operator !== "boolean") {
    throw new TypeError(`${path}.operator must be true or false`);
  }
  return { id, ...(owner === undefined ? {} : { owner }), ...(operator === true ? { operator } : {}) };
}
