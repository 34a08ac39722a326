/** Crockford's base 32 in lower case: without i, l, o and u, so that an id can be read aloud. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 9;
const RANDOM_DIGITS = 13;

/** Fills an array with random bytes. */
type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const systemRandom: FillRandom = (bytes) => crypto.getRandomValues(bytes);

let fillRandom = systemRandom;
let buffer = new Uint8Array(0);
let used = 0;

/**
 * Replaces the source of the random part of ids for the whole process, so that a simulation can be repeated. Returns a
 * function that restores it.
 */
export function replaceIdRandomness(fill: FillRandom): () => void {
  fillRandom = fill;
  used = buffer.length;
  return () => {
    fillRandom = systemRandom;
    used = buffer.length;
  };
}

/** Draws random bytes in blocks: one call per id would cost more than the rest of the id. */
function randomByte(): number {
  if (used === buffer.length) {
    buffer = fillRandom(new Uint8Array(1024));
    used = 0;
  }
  return buffer[used++] ?? 0;
}

/**
 * Creates an id of 22 characters: the time in milliseconds, then 65 random bits. Later ids sort after earlier ones, so
 * new rows are appended to the end of an index.
 */
export function createId(now: number): string {
  let time = now;
  let id = "";
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    id = DIGITS.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  for (let digit = 0; digit < RANDOM_DIGITS; digit++) id += DIGITS.charAt(randomByte() & 31);
  return id;
}
