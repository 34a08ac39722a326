import { type AfootError, isAfootError, PermanentError, WorkError } from "../../core/errors.ts";
import type { OperationError } from "../../core/operation.ts";

/** Maximum length of stored codes and details, in characters. */
const MAX_CODE_LENGTH = 100;
const MAX_DETAIL_LENGTH = 2000;

const INTERNAL: OperationError = {
  code: "internal",
  title: "Internal error",
  detail: "The work failed unexpectedly.",
  retryable: true,
};

/** The error of a rejected promise that the work has not awaited: it has the code and the retryability of the rejection. */
export class UnawaitedError extends WorkError {
  override readonly retryable: boolean;

  /** @param problem what was rejected, as a clause of the message */
  constructor(problem: string, cause: unknown) {
    const { code, detail, retryable } = toOperationError(cause);
    super(isWorkError(cause) && code !== INTERNAL.code ? `${problem}: ${detail}` : `${problem}.`, { code, cause });
    this.retryable = retryable;
  }
}

/** Converts a thrown value to the error shown to clients: a WorkError with its own message, anything else as `internal`. Never a stack. */
export function toOperationError(thrown: unknown): OperationError {
  if (!isWorkError(thrown)) return INTERNAL;
  // The message of an internal error is not meant for clients, also if it is thrown as a WorkError.
  if (thrown.code === INTERNAL.code && !(thrown instanceof UnawaitedError)) return INTERNAL;
  const { code, message, retryable } = thrown;
  const known = code.toWellFormed().slice(0, MAX_CODE_LENGTH);
  const title = known === INTERNAL.code ? INTERNAL.title : titleOf(known);
  return { code: known, title, detail: message.toWellFormed().slice(0, MAX_DETAIL_LENGTH), retryable };
}

/** Creates the error that a recorded failure is thrown as, in the first run and in each replay. */
export function toWorkError({ code, detail, retryable }: OperationError, cause?: unknown): WorkError {
  const options = { code, ...(cause === undefined ? {} : { cause }) };
  return retryable ? new WorkError(detail, options) : new PermanentError(detail, options);
}

/** Returns true for an error whose message is meant for clients, also from another copy of the package. */
export function isWorkError(thrown: unknown): thrown is AfootError & { readonly retryable: boolean } {
  return isAfootError(thrown) && "retryable" in thrown && typeof thrown.retryable === "boolean";
}

/** Creates the error of wrong API usage. It is permanent, because the same work would fail again. */
export function usageError(code: string, message: string, cause?: unknown): PermanentError {
  return new PermanentError(message, { code, ...(cause === undefined ? {} : { cause }) });
}

function titleOf(code: string): string {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
