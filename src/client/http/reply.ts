import { isJsonObject } from "../../core/json/json.ts";
import type { Problem } from "../../core/problem.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { GoneError, ProblemError } from "../errors.ts";

/** A server's reply to one request. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed text; null if it is empty. */
  readonly body: unknown;
  /** Pause that the server requested, from Retry-After. */
  readonly retryAfterMs: number | undefined;
  /** Time from the request to the end of the body. */
  readonly tookMs: number;
}

export interface RequestSent {
  readonly method: string;
  readonly url: string;
}

/** Returns true for a status after which a repeated request may succeed. 501 and 505 are permanent. */
export function isRetryableStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && ![501, 505].includes(status));
}

/**
 * Reads a response to its end.
 *
 * @throws ProblemError for every status except 2xx and 304, and `not-json` for another content type
 * @throws SyntaxError for truncated JSON
 */
export async function readReply(sent: RequestSent, response: Response, clock: Clock, sentAt: number): Promise<Reply> {
  const text = await response.text();
  const reply = {
    status: response.status,
    headers: response.headers,
    text,
    retryAfterMs: retryAfterMs(response.headers, clock.now()),
    tookMs: clock.monotonic() - sentAt,
  };
  if (!response.ok && response.status !== 304) throw problemError(sent, reply);
  return { ...reply, body: parse(sent, reply) };
}

function parse(asked: RequestSent, { status, headers, text }: Omit<Reply, "body">): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const type = headers.get("content-type") ?? "no content type";
    if (type.includes("json")) throw cause;
    throw unusableReplyError(asked, {
      status,
      code: "not-json",
      detail: `the reply has ${type} where JSON was expected`,
      cause,
    });
  }
}

export interface UnusableReply {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly cause?: unknown;
}

/** Creates the error for a successful reply whose content is not usable. */
export function unusableReplyError(asked: RequestSent, { cause, detail, ...problem }: UnusableReply): ProblemError {
  return new ProblemError(
    { ...problem, type: "about:blank", title: "Unusable reply", detail: `${detail}; is the URL right?` },
    { ...asked, cause },
  );
}

function problemError(asked: RequestSent, { status, text, retryAfterMs: retryMs }: Omit<Reply, "body">): ProblemError {
  const Kind = CODES_BY_STATUS.has(status) ? GoneError : ProblemError;
  return new Kind(problemOf(status, text), { ...asked, retryAfterMs: retryMs });
}

/** Codes of problems that only a status describes. */
const CODES_BY_STATUS: ReadonlyMap<number, string> = new Map([
  [404, "resource-not-found"],
  [410, "resource-deleted"],
]);

/**
 * Completes the problem details: RFC 9457 makes every member optional, and many servers send none, or `{ error: { code,
 * message } }`.
 */
function problemOf(status: number, text: string): Problem {
  const body = parseJsonObject(text);
  const error = isJsonObject(body["error"]) ? body["error"] : {};
  const { errors } = body;
  return {
    type: stringOrUndefined(body["type"]) ?? "about:blank",
    title: stringOrUndefined(body["title"]) ?? `HTTP ${status}`,
    status,
    detail:
      stringOrUndefined(body["detail"]) ??
      stringOrUndefined(error["message"]) ??
      stringOrUndefined(body["title"]) ??
      "the server gave no reason",
    code:
      stringOrUndefined(body["code"]) ??
      stringOrUndefined(error["code"]) ??
      CODES_BY_STATUS.get(status) ??
      `http-${status}`,
    ...(Array.isArray(errors) ? { errors: errors.filter(isFieldError) } : {}),
  };
}

function isFieldError(value: unknown): value is { pointer: string; detail: string } {
  return isJsonObject(value) && typeof value["pointer"] === "string" && typeof value["detail"] === "string";
}

function stringOrUndefined(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function parseJsonObject(text: string): { [key: string]: unknown } {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : {};
  } catch {
    return {};
  }
}

/**
 * Returns Retry-After in milliseconds from now, or undefined if it is missing or malformed. A date is compared with the
 * server's own `Date` header, if there is one, so that the client's clock may be wrong.
 *
 * @param now wall-clock instant, for a server that sends no `Date`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after") ?? "";
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  // Date.parse accepts "-1" too; an HTTP date contains the names of a day and a month.
  const at = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  const serverNow = Date.parse(headers.get("date") ?? "") || now;
  return Number.isNaN(at) ? undefined : Math.max(0, at - serverNow);
}
