import { createHash } from "node:crypto";
import { misuse } from "../attempt/failure.ts";

const MAX_NAME = 200;
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

/**
 * Throws unless a step may be named so.
 *
 * @throws PermanentError `invalid-step-name`
 */
export function checkStepName(name: unknown): asserts name is string {
  if (typeof name !== "string" || name === "") {
    throw misuse("invalid-step-name", `A step needs a name, a text that is not empty; this one is ${typeof name}.`);
  }
  if (name.length > MAX_NAME) {
    throw misuse(
      "invalid-step-name",
      `A step's name has at most ${MAX_NAME} characters; this one has ${name.length}: ${name.slice(0, 40)}...`,
    );
  }
  if (CONTROL.test(name) || !name.isWellFormed()) {
    throw misuse(
      "invalid-step-name",
      `A step's name holds no control characters and no half surrogate pairs; this one is ${JSON.stringify(name)}.`,
    );
  }
}

/** Names that stand in any header or path as they are, short enough for every outside system. */
const PLAIN = /^[\w.-]{1,100}$/;

/**
 * Gives the key of a step: the same over attempts, restarts and retries of the operation, another after each undo. At most 150
 * characters of letters, digits and `-._:~`.
 */
export function idempotencyKey(root: string, name: string, generation: number): string {
  const shown = PLAIN.test(name) ? name : `~${createHash("sha256").update(name).digest("base64url")}`;
  return generation === 0 ? `${root}:${shown}` : `${root}:${shown}:${generation}`;
}
