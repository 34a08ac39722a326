import { randomInt } from "node:crypto";

const given = process.env["AFOOT_SEED"];

/** The seed of every random choice of this process: `AFOOT_SEED`, or a random one. */
const seed = given === undefined ? randomInt(2 ** 32) : Number(given);

if (!Number.isSafeInteger(seed)) throw new Error(`AFOOT_SEED must be a whole number: ${given}`);

let state = seed;
let isPrinted = false;

/**
 * Returns the next number, at least 0 and below 1, of the sequence that the seed decides (mulberry32). Prints the seed before the first
 * one, so that a failed run can be repeated with the same choices.
 */
export function random(): number {
  if (!isPrinted) {
    isPrinted = true;
    console.log(`Random choices by seed ${seed}; repeat them with AFOOT_SEED=${seed}`);
  }
  state = (state + 0x6d_2b_79_f5) | 0;
  let bits = Math.imul(state ^ (state >>> 15), 1 | state);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), 61 | bits);
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}

/** Returns one of the values at random. */
export function anyOf<Value>(values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError("no value to choose from");
  return value;
}
