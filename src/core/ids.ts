/** Crockford's base 32 in lower case: no i, l, o, u, so that an id can be read aloud. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 9;
const RANDOM_DIGITS = 13;

let buffer = new Uint8Array(0);
let used = 0;

/** Random bytes are drawn in blocks: one call for each id would cost more than the rest of it. */
function randomByte(): number {
  if (used === buffer.length) {
    buffer = crypto.getRandomValues(new Uint8Array(1024));
    used = 0;
  }
  return buffer[used++] ?? 0;
}

/**
 * Makes an id of 22 characters: the time in milliseconds, then 65 random bits. Ids made later sort later, which keeps the
 * indexes of a store dense at their end.
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
