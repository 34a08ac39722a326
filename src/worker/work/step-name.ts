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

/** Names that are valid in headers and paths and short enough for external systems. */
const PLAIN = /^[\w.-]{1,100}$/;

/**
 * Returns the idempotency key of a step: the same over attempts, restarts and retries of the operation, another after each undo. At most 150
 * characters of letters, digits and `-._:~`.
 */
export function idempotencyKey(root: string, name: string, generation: number): string {
  const shown = PLAIN.test(name) ? name : `~${createHash("sha256").update(name).digest("base64url")}`;
  return generation === 0 ? `${root}:${shown}` : `${root}:${shown}:${generation}`;
}
