import { createHash } from "node:crypto";
import { usageError } from "../attempt/failure.ts";

const MAX_NAME_LENGTH = 200;
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

/**
 * Validates a step name.
 *
 * @throws PermanentError `invalid-step-name`
 */
export function checkStepName(name: unknown): asserts name is string {
  if (typeof name !== "string" || name === "") {
    throw usageError(
      "invalid-step-name",
      `A step name must be a string that is not empty; received ${name === "" ? "an empty string" : typeof name}.`,
    );
  }
  if (name.length > MAX_NAME_LENGTH) {
    throw usageError(
      "invalid-step-name",
      `A step name has at most ${MAX_NAME_LENGTH} characters; received ${name.length}: ${name.slice(0, 40)}...`,
    );
  }
  if (CONTROL.test(name) || !name.isWellFormed()) {
    throw usageError(
      "invalid-step-name",
      `A step name must not contain control characters or lone surrogates; received ${JSON.stringify(name)}.`,
    );
  }
}

/** Maximum length of an idempotency key, which external systems accept. */
const MAX_KEY_LENGTH = 64;
const PLAIN_ROOT = /^[A-Za-z0-9]{1,30}$/;
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/**
 * Returns the idempotency key of a step: the same over attempts, restarts and retries of the operation, another after each undo. It
 * has at most 64 letters, digits, `-` and `_`. No two steps share a key: what follows the root is one dash and a name, two dashes, the
 * number of undos and a name, or an underscore and a hash.
 */
export function idempotencyKey(root: string, name: string, generation: number): string {
  const hash = (): string =>
    createHash("sha256")
      .update(JSON.stringify([root, name, generation]))
      .digest("base64url");
  if (!PLAIN_ROOT.test(root)) return `_${hash()}`;
  const key = generation === 0 ? `${root}-${name}` : `${root}--${generation}-${name}`;
  return PLAIN_NAME.test(name) && key.length <= MAX_KEY_LENGTH ? key : `${root}_${hash()}`.slice(0, MAX_KEY_LENGTH);
}
