/** Marks the errors of every copy of the package. It is no part of their types, which two copies could not share. */
const BRAND = Symbol.for("afoot.error");

export interface AfootErrorOptions {
  /** The original error. Logged, never sent to a client. */
  readonly cause?: unknown;
}

/** The base class of all errors that Afoot throws. `code` is stable and meant for programs, `message` for people. */
export class AfootError extends Error {
  override readonly name: string = "AfootError";
  readonly code: string;

  constructor(code: string, message: string, options: AfootErrorOptions = {}) {
    super(message, options);
    this.code = code;
    Reflect.set(this, BRAND, true);
  }
}

/** Returns true for an error of Afoot, also if two copies of the package are loaded. */
export function isAfootError(error: unknown): error is AfootError {
  return typeof error === "object" && error !== null && BRAND in error;
}

/** A mistake in a declaration or in start options. Thrown before anything runs. */
export class DefinitionError extends AfootError {
  override readonly name = "DefinitionError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("invalid-definition", message, options);
  }
}

export interface WorkErrorOptions extends AfootErrorOptions {
  /**
   * Code of the failure for programs: lower-case letters, digits and hyphens after a letter, at most 64 characters. Any other
   * code is replaced by `work-failed` and kept in the detail.
   *
   * @default "work-failed"
   */
  readonly code?: string;
}

/**
 * A failure of work whose message clients see. It is retried like any other error; throw {@link PermanentError} to fail
 * without a retry. The message of any other error is logged and never shown: clients see the code `internal`.
 */
export class WorkError extends AfootError {
  override readonly name: string = "WorkError";
  readonly retryable: boolean = true;

  constructor(message: string, options: WorkErrorOptions = {}) {
    super(options.code ?? "work-failed", message, options);
  }
}

/** A failure that no retry can fix. It ends the operation without another attempt; clients see its message. */
export class PermanentError extends WorkError {
  override readonly name = "PermanentError";
  override readonly retryable = false;
}

/**
 * The store is unreachable, or the outcome of a call is unknown. The call may be repeated: store methods are idempotent
 * by ids.
 */
export class StoreUnavailableError extends AfootError {
  override readonly name = "StoreUnavailableError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("store-unavailable", message, options);
  }
}

/**
 * The store's own clock was set, and the process that called has not noticed yet: nothing was stored. The call may be
 * repeated with instants of the new clock.
 */
export class StaleClockError extends StoreUnavailableError {
  constructor() {
    super("The wall clock of the store was set; repeat the request");
  }
}

/**
 * The disk of the store is full. Changes that need room were not stored; the call may be repeated when there is room,
 * like one that failed with {@link StoreUnavailableError}.
 */
export class StoreFullError extends AfootError {
  override readonly name = "StoreFullError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("store-full", message, options);
  }
}

/**
 * The store cannot be opened: locked by another process, of a newer version, corrupt, or read-only. The message says
 * what to do.
 */
export class StoreOpenError extends AfootError {
  override readonly name = "StoreOpenError";
}
