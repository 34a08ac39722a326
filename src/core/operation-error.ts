import type { OperationError } from "./operation.ts";

/** Clients get a code as the end of a URI, so every other character is excluded. */
const ERROR_CODE = /^[a-z][a-z0-9-]{0,63}$/;

const REPLACEMENT = "work-failed";

/** The log message for a replaced code. */
export const REPLACED_CODE =
  "replaced an invalid error code by work-failed; use lower-case letters, digits and hyphens after a letter, at most 64 characters";

/** Maximum length of a stored detail, in characters. */
const MAX_DETAIL_LENGTH = 2000;
const MAX_SHOWN_CODE_LENGTH = 100;

/** Returns true for a valid error code: lower-case letters, digits and hyphens after a letter, at most 64 characters. */
export function isErrorCode(code: string): boolean {
  return ERROR_CODE.test(code);
}

/** Creates the error of an operation, with a title made from its code. */
export function createOperationError(code: string, message: string, retryable: boolean): OperationError {
  const detail = cut(message, MAX_DETAIL_LENGTH);
  return { code, title: titleOf(code), detail, retryable };
}

/** Replaces an invalid code by `work-failed`, and keeps it in the detail. Returns an error with a valid code unchanged. */
export function withValidCode(error: OperationError): OperationError {
  const { code, detail } = error;
  if (isErrorCode(code)) return error;
  const shown = JSON.stringify(cut(code, MAX_SHOWN_CODE_LENGTH));
  const suffix = ` (code ${shown})`;
  return {
    ...error,
    code: REPLACEMENT,
    title: titleOf(REPLACEMENT),
    detail: cut(detail, MAX_DETAIL_LENGTH - suffix.length) + suffix,
  };
}

function titleOf(code: string): string {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A cut between the halves of a surrogate pair leaves half of it, which no store accepts. */
function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}
