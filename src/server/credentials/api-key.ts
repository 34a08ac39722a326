import { hash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "afoot_";
/** 190 bits. */
const RANDOM_LETTERS = 32;
const CHECK_LETTERS = 6;
const KEY = new RegExp(`^${PREFIX}([0-9A-Za-z]{${RANDOM_LETTERS}})([0-9A-Za-z]{${CHECK_LETTERS}})$`);

/** Makes a key: a prefix that scanners for leaked secrets find, what nobody guesses, and a checksum that tells a typing error from a key. */
export function createKey(): string {
  const random = Array.from({ length: RANDOM_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return PREFIX + random + checksum(random);
}

/** Whether a text has the form of a key. Which keys there are it does not tell. */
export function isKey(text: string): boolean {
  const [, random = "", check] = KEY.exec(text) ?? [];
  return check !== undefined && check === checksum(random);
}

/**
 * What is kept of a key. A plain hash, where a password would need a slow one: that is against guessing, and 190 random bits are
 * not guessed. So a check costs a microsecond, and nobody can keep a server busy with wrong keys.
 */
export function keyHash(key: string): string {
  return hash("sha256", key, "hex");
}

function checksum(random: string): string {
  let rest = crc32(random);
  let text = "";
  for (let letter = 0; letter < CHECK_LETTERS; letter++) {
    text = (LETTERS[rest % LETTERS.length] ?? "") + text;
    rest = Math.floor(rest / LETTERS.length);
  }
  return text;
}
