import { type AfootError, isAfootError, PermanentError, WorkError } from "../../core/errors.ts";
import { createOperationError, isErrorCode, REPLACED_CODE, withValidCode } from "../../core/operation-error.ts";
import type { OperationError } from "../../core/operation.ts";
import { type Log, warnOnce } from "../../core/ports/log.ts";
import type { Grant } from "../../core/ports/messages.ts";

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
  const error = withValidCode(createOperationError(code, message, retryable));
  return error.code === INTERNAL.code ? { ...error, title: INTERNAL.title } : error;
}

interface FailingAttempt {
  readonly log: Log;
  readonly grant: Pick<Grant, "type" | "id" | "operation" | "attempt">;
}

/** Converts a thrown value as {@link toOperationError} does, and logs an invalid code once. */
export function toLoggedOperationError({ log, grant }: FailingAttempt, thrown: unknown): OperationError {
  if (isWorkError(thrown) && !isErrorCode(thrown.code)) {
    const { type, id, operation, attempt } = grant;
    const { code } = thrown;
    warnOnce(log, `error code ${code}`, { type, id, operation, attempt, code }, REPLACED_CODE);
  }
  return toOperationError(thrown);
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
