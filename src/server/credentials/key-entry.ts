import { isJsonObject } from "../../core/json/json.ts";
import type { Principal } from "../access/access.ts";

/** What a key file holds of one key: whose it is, and its hash. The key itself is nowhere. */
export interface KeyEntry {
  /** Names the key, for `afoot keys remove`. */
  readonly id: string;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
  readonly principal: Principal;
  /** What the key is for. */
  readonly label?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; from then on it is not valid. Absent: it does not expire. */
  readonly expiresAt?: string;
}

/** Writes a key file. */
export function keyFileText(entries: readonly KeyEntry[]): string {
  return `${JSON.stringify({ keys: entries }, undefined, 2)}\n`;
}

/** Reads the text of a key file. Throws a TypeError that says where it is not as it must be. */
export function parseKeyFile(text: string): readonly KeyEntry[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new TypeError("it is not JSON", { cause });
  }
  const keys = isJsonObject(file) ? file["keys"] : undefined;
  if (!Array.isArray(keys)) throw new TypeError("it has no list `keys`");
  const entries = keys.map((entry: unknown, index) => entryOf(entry, `keys[${index}]`));
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw new TypeError("two keys have the same id");
  return entries;
}

function entryOf(entry: unknown, place: string): KeyEntry {
  if (!isJsonObject(entry)) throw new TypeError(`${place} is not an object`);
  const text = (name: string, pattern: RegExp): string => {
    const value = entry[name];
    if (typeof value === "string" && pattern.test(value)) return value;
    throw new TypeError(`${place}.${name} is missing, or not as afoot keys writes it`);
  };
  const instant = (name: string): string => {
    const value = text(name, /./);
    if (!Number.isNaN(Date.parse(value))) return value;
    throw new TypeError(`${place}.${name} is not a date`);
  };
  return {
    id: text("id", /^[0-9a-z]{1,64}$/),
    hash: text("hash", /^[0-9a-f]{64}$/),
    principal: principalOf(entry["principal"], `${place}.principal`),
    createdAt: instant("createdAt"),
    ...(entry["label"] === undefined ? {} : { label: text("label", /^/) }),
    ...(entry["expiresAt"] === undefined ? {} : { expiresAt: instant("expiresAt") }),
  };
}

function principalOf(value: unknown, place: string): Principal {
  const { id, owner, operator } = isJsonObject(value) ? value : {};
  if (typeof id !== "string" || id === "") throw new TypeError(`${place}.id is missing`);
  if (owner !== undefined && (typeof owner !== "string" || owner === "")) {
    throw new TypeError(`${place}.owner is not a text`);
  }
  if (operator !== undefined && typeof operator !== "boolean") {
    throw new TypeError(`${place}.operator is not true or false`);
  }
  return { id, ...(owner === undefined ? {} : { owner }), ...(operator === true ? { operator } : {}) };
}
