import { AfootError, isAfootError } from "../../core/errors.ts";
import type { Issue } from "../../core/json/schema.ts";
import { type Log, warnOfWrite } from "../../core/ports/log.ts";
import { DEFAULT_PROBLEM_TYPES, type Problem, type ProblemCode, PROBLEMS, problemType } from "../../core/problem.ts";
import type { HttpResponse } from "./exchange.ts";

export interface RefusalOptions {
  /** Further headers: alternating names and values. */
  readonly headers?: readonly string[];
  /** The errors of a failed validation. */
  readonly errors?: readonly Issue[];
  /** Closes the connection without reading the rest of the request. */
  readonly close?: boolean;
}

/**
 * Rejects a request with a problem code. Thrown anywhere, converted to a problem response by {@link problemResponse}.
 */
export class Refusal extends AfootError {
  override readonly name = "Refusal";
  declare readonly code: ProblemCode;
  readonly options: RefusalOptions;

  constructor(code: ProblemCode, detail: string, options: RefusalOptions = {}) {
    super(code, detail);
    this.options = options;
  }
}

/** `Retry-After` of responses to requests that failed because a dependency is unavailable. */
const RETRY_AFTER_ERROR_SECONDS = "2";

/** `Retry-After` of a write on a full disk, for which an operator has to make room first. */
const RETRY_AFTER_FULL_SECONDS = "10";

/** Problem details of errors that the client did not cause. Their own messages may reveal internals. */
const SERVER_ERRORS: Readonly<Record<string, readonly [code: ProblemCode, detail: string]>> = {
  "store-unavailable": ["store-unavailable", "The store is unavailable. Nothing is lost; retry the request later."],
  "store-full": [
    "store-full",
    "The disk of the store is full, so nothing was changed. Reads still work. Free disk space on the server, or delete resources; " +
      "writes then succeed again without a restart.",
  ],
  "broker-unavailable": ["broker-unavailable", "The broker is unavailable; retry the request later."],
  "body-consumed": [
    "internal",
    "A body parser in front of the app has already read this body. Mount the app before it, such as before express.json().",
  ],
  "authentication-unavailable": [
    "authentication-unavailable",
    "The credentials cannot be verified at the moment; retry the request later.",
  ],
  "not-started": ["overloaded", "The server is starting or stopping; retry the request later."],
};

/** True for errors that a transport throws while it reads a body. Their messages are written for clients. */
function isBodyError(code: string): code is "body-too-large" | "request-timeout" {
  return code === "body-too-large" || code === "request-timeout";
}

/** The parts of a problem that do not depend on the error. */
export interface ProblemContext {
  /** The path of the request. */
  readonly path: string;
  /** Prefix of `type`, before the code. @default "urn:afoot:problem:" */
  readonly problemTypes?: string | undefined;
}

/** Converts any error to a problem response. */
export function problemResponse(error: unknown, context: ProblemContext, log: Log): HttpResponse {
  if (error instanceof Refusal) return toResponse(error.code, error.message, context, error.options);
  const code = isAfootError(error) ? error.code : "internal";
  if (isAfootError(error) && isBodyError(code)) return toResponse(code, error.message, context, { close: true });
  const known = Object.hasOwn(SERVER_ERRORS, code) ? SERVER_ERRORS[code] : undefined;
  const { path } = context;
  if (known === undefined) {
    if (code !== "client-gone") log.error({ error, path }, "request failed with an internal error");
    return toResponse("internal", INTERNAL_DETAIL, context);
  }
  warnOfWrite(log, { error, path }, "request failed because a dependency is unavailable");
  return toResponse(...known, context, known[0] === "internal" ? {} : { headers: ["Retry-After", retryAfterOf(code)] });
}

function retryAfterOf(code: string): string {
  return code === "store-full" ? RETRY_AFTER_FULL_SECONDS : RETRY_AFTER_ERROR_SECONDS;
}

/** Problem detail of an internal error, whose cause only the log shows. */
export const INTERNAL_DETAIL = "The server failed to process the request; its log has the reason.";

/** Returns the response to a request that load shedding rejects. */
export function overloadedResponse(context: ProblemContext, seconds: number): HttpResponse {
  const detail = "The server is overloaded. The request was not processed; retry it after the time in Retry-After.";
  return toResponse("overloaded", detail, context, { headers: ["Retry-After", String(seconds)] });
}

function toResponse(
  code: ProblemCode,
  detail: string,
  { path, problemTypes = DEFAULT_PROBLEM_TYPES }: ProblemContext,
  options: RefusalOptions = {},
): HttpResponse {
  const [status, title] = PROBLEMS[code];
  const { headers = [], errors, close = false } = options;
  const problem: Problem = {
    type: problemType(code, problemTypes),
    title,
    status,
    detail,
    instance: path,
    code,
    ...(errors === undefined ? {} : { errors }),
  };
  return {
    status,
    headers: ["Content-Type", "application/problem+json", "Cache-Control", "no-store", ...SECURITY_HEADERS, ...headers],
    body: JSON.stringify(problem),
    close,
  };
}

/** Headers of every response: browsers must not guess another content type. */
export const SECURITY_HEADERS = ["X-Content-Type-Options", "nosniff"] as const;
