import { randomInt, randomUUID } from "node:crypto";
import { createId } from "../../core/ids.ts";

const MIN_DIGITS = 5;

/** Makes an id that looks like one of the document's. */
export function newId(example: string | undefined, now: number): string {
  if (example === undefined) return createId(now);
  // Of few digits few ids could be made.
  const digits = Math.max(MIN_DIGITS, example.length);
  if (/^\d{1,14}$/.test(example)) return String(randomInt(10 ** (digits - 1), 10 ** digits));
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(example)) return randomUUID();
  return createId(now);
}
