import { type AfootError, isAfootError, PermanentError, WorkError } from "../../core/errors.ts";
import type { OperationError } from "../../core/operation.ts";

/** The longest code and detail that is stored and shown, in characters. */
const MAX_CODE = 100;
const MAX_DETAIL = 2000;

const INTERNAL: OperationError = {
  code: "internal",
  title: "Internal error",
  detail: "The work failed unexpectedly.",
  retryable: true,
};

/** Writes what work threw as clients may see it: a WorkError in its own words, anything else as `internal`. Never a stack. */
export function operationErrorOf(thrown: unknown): OperationError {
  if (!isWorkError(thrown) || thrown.code === INTERNAL.code) return INTERNAL;
  const { code, message, retryable } = thrown;
  const known = code.toWellFormed().slice(0, MAX_CODE);
  return { code: known, title: titleOf(known), detail: message.toWellFormed().slice(0, MAX_DETAIL), retryable };
}

/** Makes what a recorded failure is thrown as, on the first run as on a replay. */
export function errorOf({ code, detail, retryable }: OperationError, cause?: unknown): WorkError {
  const options = { code, ...(cause === undefined ? {} : { cause }) };
  return retryable ? new WorkError(detail, options) : new PermanentError(detail, options);
}

/** Tells an error whose message is meant for clients, also one of another copy of the package. */
export function isWorkError(thrown: unknown): thrown is AfootError & { readonly retryable: boolean } {
  return isAfootError(thrown) && "retryable" in thrown && typeof thrown.retryable === "boolean";
}

/** What work must not do: fails the operation for good, since it would do the same again. */
export function misuse(code: string, message: string, cause?: unknown): PermanentError {
  return new PermanentError(message, { code, ...(cause === undefined ? {} : { cause }) });
}

function titleOf(code: string): string {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
