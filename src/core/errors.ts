const BRAND = Symbol.for("afoot.error");

export interface AfootErrorOptions {
  /** What led to it: logged, never sent to a client. */
  readonly cause?: unknown;
}

/** The root of every error that Afoot throws. `code` is stable and meant for programs, `message` for people. */
export class AfootError extends Error {
  override readonly name: string = "AfootError";
  readonly code: string;
  readonly [BRAND] = true;

  constructor(code: string, message: string, options: AfootErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Tells an Afoot error from any other, also when two copies of the package are loaded. */
export function isAfootError(error: unknown): error is AfootError {
  return typeof error === "object" && error !== null && BRAND in error;
}

/** A mistake in a declaration or in start options: thrown where it is made, before anything runs. */
export class DefinitionError extends AfootError {
  override readonly name = "DefinitionError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("invalid-definition", message, options);
  }
}

export interface WorkErrorOptions extends AfootErrorOptions {
  /** Names the failure for programs, in lower-case words joined by hyphens. @default "work-failed" */
  readonly code?: string;
}

/**
 * A failure of work whose message the client may read. Retried like any other error; throw {@link PermanentError} to end at once.
 * The message of an error that is not a WorkError is logged and never shown: its code is `internal`.
 */
export class WorkError extends AfootError {
  override readonly name: string = "WorkError";
  readonly retryable: boolean = true;

  constructor(message: string, options: WorkErrorOptions = {}) {
    super(options.code ?? "work-failed", message, options);
  }
}

/** A failure that no retry would mend: ends the operation's attempts; its message is shown to the client. */
export class PermanentError extends WorkError {
  override readonly name = "PermanentError";
  override readonly retryable = false;
}

/** The store could not be reached, or its answer is unknown. The caller may repeat the call: store methods are idempotent by ids. */
export class StoreUnavailableError extends AfootError {
  override readonly name = "StoreUnavailableError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("store-unavailable", message, options);
  }
}

/** The store cannot be opened as it is: locked by another process, newer, corrupt, read-only. The message says what to do. */
export class StoreOpenError extends AfootError {
  override readonly name = "StoreOpenError";
}
