import { AfootError, isAfootError } from "../../core/errors.ts";
import type { Issue } from "../../core/json/schema.ts";
import type { Log } from "../../core/ports/log.ts";
import { type Problem, type ProblemCode, PROBLEMS, problemType } from "../../core/problem.ts";
import type { HttpResponse } from "./exchange.ts";

export interface RefusalOptions {
  /** Name, value, name, value. */
  readonly headers?: readonly string[];
  /** Of a validation: every fault. */
  readonly errors?: readonly Issue[];
  /** The rest of the request is not read. */
  readonly close?: boolean;
}

/** A request that is not fulfilled, and why: thrown where it shows, turned into a problem in one place. */
export class Refusal extends AfootError {
  override readonly name = "Refusal";
  declare readonly code: ProblemCode;
  readonly options: RefusalOptions;

  constructor(code: ProblemCode, detail: string, options: RefusalOptions = {}) {
    super(code, detail);
    this.options = options;
  }
}

/** How long a client should leave a server alone that could not serve it. */
const RETRY_AFTER_ERROR_SECONDS = "2";

/** What is said of faults that are not the client's, whose own message may show internals. */
const SERVER_ERRORS: Readonly<Record<string, readonly [code: ProblemCode, detail: string]>> = {
  "store-unavailable": [
    "store-unavailable",
    "The store cannot be reached at the moment. Nothing is lost; send the request again.",
  ],
  "broker-unavailable": ["broker-unavailable", "The broker cannot be reached at the moment; send the request again."],
  "body-taken": [
    "internal",
    "The app stands behind a body parser that read this body first; mount it before, such as before express.json().",
  ],
  "authentication-unavailable": [
    "authentication-unavailable",
    "Whether the credentials are valid cannot be told at the moment; send the request again.",
  ],
  "not-started": ["overloaded", "The server is starting or stopping; send the request again."],
};

/** What a transport says of a body; its message may be read by clients. */
function isBodyError(code: string): code is "body-too-large" | "request-timeout" {
  return code === "body-too-large" || code === "request-timeout";
}

/** The answer to a request that led to `error`, whatever that is. `path` is what the client asked for. */
export function problemResponse(error: unknown, path: string, log: Log): HttpResponse {
  if (error instanceof Refusal) return toResponse(error.code, error.message, path, error.options);
  const code = isAfootError(error) ? error.code : "internal";
  if (isAfootError(error) && isBodyError(code)) return toResponse(code, error.message, path, { close: true });
  const known = Object.hasOwn(SERVER_ERRORS, code) ? SERVER_ERRORS[code] : undefined;
  if (known === undefined) {
    if (code !== "client-gone") log.error({ error, path }, "a request failed for a reason that is not its own");
    return toResponse("internal", "The server failed to answer; the reason is in its log.", path);
  }
  log.warn({ error, path }, "a request could not be served at the moment");
  return toResponse(
    ...known,
    path,
    known[0] === "internal" ? {} : { headers: ["Retry-After", RETRY_AFTER_ERROR_SECONDS] },
  );
}

/** The answer to a request of which nothing but its path was looked at. */
export function overloadedResponse(path: string, seconds: number): HttpResponse {
  const detail = "The server has more to do than it can; nothing of the request was done, send it again later.";
  return toResponse("overloaded", detail, path, { headers: ["Retry-After", String(seconds)] });
}

function toResponse(code: ProblemCode, detail: string, path: string, options: RefusalOptions = {}): HttpResponse {
  const [status, title] = PROBLEMS[code];
  const { headers = [], errors, close = false } = options;
  const problem: Problem = {
    type: problemType(code),
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

/** On every answer: a browser takes the content type as it is said. */
export const SECURITY_HEADERS = ["X-Content-Type-Options", "nosniff"] as const;
