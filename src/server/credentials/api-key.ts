import { hash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "afoot_";
/** 32 letters have 190 bits of entropy. */
const RANDOM_LETTERS = 32;
const CHECK_LETTERS = 6;
const KEY = new RegExp(`^${PREFIX}([0-9A-Za-z]{${RANDOM_LETTERS}})([0-9A-Za-z]{${CHECK_LETTERS}})$`);

/** Creates a key: a prefix for secret scanners, 190 random bits, and a checksum that detects typing errors. */
export function createKey(): string {
  const random = Array.from({ length: RANDOM_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return PREFIX + random + checksum(random);
}

/** Returns true if a text has the form of a key. It may still be unknown or revoked. */
export function isKey(text: string): boolean {
  const [, random = "", check] = KEY.exec(text) ?? [];
  return check !== undefined && check === checksum(random);
}

/**
 * Returns the hash that is stored of a key. A fast hash suffices: slow ones protect guessable passwords, not 190 random bits. A check
 * takes a microsecond, so that wrong keys cannot overload a server.
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
