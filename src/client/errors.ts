import { AfootError, type AfootErrorOptions } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { FollowedState, ResourceError } from "./following/state.ts";

export interface ProblemErrorOptions extends AfootErrorOptions {
  readonly method: string;
  readonly url: string;
  /** How long the server asks to wait before another try. */
  readonly retryAfterMs?: number | undefined;
}

/** The server refused a request. `code` is the problem's own, or `http-<status>` where the server gave none. */
export class ProblemError extends AfootError {
  override readonly name: string = "ProblemError";
  /** The HTTP status. */
  readonly status: number;
  /** What the server said, whole. @see https://www.rfc-editor.org/rfc/rfc9457 */
  readonly problem: Problem;
  readonly method: string;
  readonly url: string;
  /** How long the server asks to wait before another try, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, { method, url, retryAfterMs, ...options }: ProblemErrorOptions) {
    super(problem.code, `${method} ${url}: ${problem.status} ${problem.detail}`, options);
    this.status = problem.status;
    this.problem = problem;
    this.method = method;
    this.url = url;
    this.retryAfterMs = retryAfterMs;
  }
}

/** There is no such resource: `resource-deleted` where the server knows that there was one, else `resource-not-found` or the server's own code. */
export class GoneError extends ProblemError {
  override readonly name = "GoneError";
}

/** No usable answer came within the time given. `cause` is what went wrong last: a lost connection, or the {@link ProblemError} of a 429 or 5xx. */
export class UnreachableError extends AfootError {
  override readonly name = "UnreachableError";
  override readonly code = "unreachable";
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super("unreachable", `${url} could not be reached: ${reasonOf(cause)}`, { cause });
    this.url = url;
  }
}

/** The server answers, and the resource is still in progress after the time given. It goes on: follow it again by its URL. */
export class TimeLimitError extends AfootError {
  override readonly name = "TimeLimitError";
  override readonly code = "time-limit";
  readonly url: string;

  constructor(url: string, limitMs: number) {
    super("time-limit", `${url} is still in progress after ${limitMs} ms`);
    this.url = url;
  }
}

/** The operation failed. `code` is the one of its error; `state` is the whole settled state. */
export class ResourceFailedError extends AfootError {
  override readonly name = "ResourceFailedError";
  readonly state: FollowedState;
  readonly error: ResourceError;

  constructor(url: string, state: FollowedState) {
    const { error = { code: "failed", title: "no reason given", detail: "", retryable: false } } = state;
    super(error.code, `${url} failed: ${error.detail || error.title}`);
    this.state = state;
    this.error = error;
  }
}

/** The operation was cancelled, by this client or another. */
export class CancelledError extends AfootError {
  override readonly name = "CancelledError";
  override readonly code = "cancelled";
  readonly state: FollowedState;

  constructor(url: string, state: FollowedState) {
    super("cancelled", `${url} was cancelled`);
    this.state = state;
  }
}

/** `fetch` says only that it failed; why is in the cause of its error, which may be several. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === undefined ? error.message || error.name : reasonOf(inner);
}
