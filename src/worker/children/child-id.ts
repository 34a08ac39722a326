import { createHash } from "node:crypto";

/** Crockford's base 32, as in other ids. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_LENGTH = 22;
const TIME_DIGITS = 9;
const PLAIN_ROOT = /^[0-9a-z]{22}$/;

/**
 * Returns the id of a child: the same over attempts, restarts and retries of the operation, another after each undo. It
 * begins with the time of the operation, like other ids, so that it sorts near them.
 */
export function childId(root: string, name: string, generation: number): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([root, name, generation]))
    .digest();
  const time = PLAIN_ROOT.test(root) ? root.slice(0, TIME_DIGITS) : "";
  const digits = Array.from(hash.subarray(0, ID_LENGTH - time.length), (byte) => DIGITS.charAt(byte & 31));
  return time + digits.join("");
}
