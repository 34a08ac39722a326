import { AfootError, type AfootErrorOptions } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { FollowedState, ResourceError } from "./following/state.ts";

export interface ProblemErrorOptions extends AfootErrorOptions {
  /** Method of the request. */
  readonly method: string;
  /** URL of the request. */
  readonly url: string;
  /** Pause that the server requested before a retry. */
  readonly retryAfterMs?: number | undefined;
}

/** The server rejected a request. `code` is the code of the problem, or `http-<status>` if the server sent none. */
export class ProblemError extends AfootError {
  override readonly name: string = "ProblemError";
  /** The HTTP status. */
  declare readonly status: number;
  /** The problem details that the server sent. @see https://www.rfc-editor.org/rfc/rfc9457 */
  declare readonly problem: Problem;
  declare readonly method: string;
  declare readonly url: string;
  /** Pause that the server requested before a retry, in milliseconds. */
  declare readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, { method, url, retryAfterMs, ...options }: ProblemErrorOptions) {
    super(problem.code, `${method} ${url}: ${problem.status} ${problem.detail}`, options);
    this.status = problem.status;
    this.problem = problem;
    this.method = method;
    this.url = url;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The resource does not exist. `code` is `resource-deleted` if it did before, else `resource-not-found` or the server's
 * own code.
 */
export class GoneError extends ProblemError {
  override readonly name = "GoneError";
}

/**
 * No usable reply arrived in time. `cause` is the latest error: a lost connection, or the {@link ProblemError} of a 429
 * or 5xx.
 */
export class UnreachableError extends AfootError {
  override readonly name = "UnreachableError";
  declare readonly code: "unreachable";
  declare readonly url: string;

  constructor(url: string, cause: unknown) {
    super("unreachable", `${url} could not be reached: ${reasonOf(cause)}`, { cause });
    this.url = url;
  }
}

/**
 * The server replies, and the resource is still in progress after the time limit. The operation continues: follow it
 * again by its URL.
 */
export class TimeLimitError extends AfootError {
  override readonly name = "TimeLimitError";
  declare readonly code: "time-limit";
  declare readonly url: string;

  constructor(url: string, limitMs: number) {
    super("time-limit", `${url} is still in progress after ${limitMs} ms`);
    this.url = url;
  }
}

/** The operation failed. `code` is the code of its error; `state` is the settled state. */
export class ResourceFailedError extends AfootError {
  override readonly name = "ResourceFailedError";
  declare readonly state: FollowedState;
  declare readonly error: ResourceError;

  constructor(url: string, state: FollowedState, error: ResourceError) {
    super(error.code, `${url} failed: ${error.detail || error.title}`);
    this.state = state;
    this.error = error;
  }
}

/** The operation was cancelled, by this client or another. */
export class CancelledError extends AfootError {
  override readonly name = "CancelledError";
  declare readonly code: "cancelled";
  declare readonly state: FollowedState;

  constructor(url: string, state: FollowedState) {
    super("cancelled", `${url} was cancelled`);
    this.state = state;
  }
}

/** Returns the innermost message: the error of `fetch` has its reason in `cause`, which may be an AggregateError. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === undefined ? error.message || error.name : reasonOf(inner);
}
