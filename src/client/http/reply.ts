import { isJsonObject } from "../../core/json/json.ts";
import type { Problem } from "../../core/problem.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { GoneError, ProblemError } from "../errors.ts";

/** A server's reply to one request. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null if it is empty. */
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
  return /^(?:408|425|429|5(?!01|05)..)$/.test(String(status));
}

/**
 * Reads a response to its end.
 *
 * @throws ProblemError for every status except 2xx and 304, and `not-json` for another content type
 * @throws SyntaxError for truncated JSON
 */
export async function readReply(sent: RequestSent, response: Response, clock: Clock, sentAt: number): Promise<Reply> {
  const { status, headers, ok } = response;
  const text = await response.text();
  let body: unknown = null;
  let cause: unknown;
  try {
    if (text !== "") body = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  const pauseMs = retryAfterMs(headers, clock.now());
  if (!ok && status !== 304) {
    const Kind = status in CODES_BY_STATUS ? GoneError : ProblemError;
    throw new Kind(problemOf(status, body), { ...sent, retryAfterMs: pauseMs });
  }
  if (cause !== undefined) {
    const type = headers.get("content-type") ?? "no content type";
    // oxlint-disable-next-line typescript/only-throw-error -- JSON.parse throws a SyntaxError
    if (type.includes("json")) throw cause;
    const detail = `the reply has ${type} where JSON was expected`;
    throw unusableReplyError(sent, { status, code: "not-json", detail, cause });
  }
  return { status, headers, body, retryAfterMs: pauseMs, tookMs: clock.monotonic() - sentAt };
}

export interface UnusableReply {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly cause?: unknown;
}

/** Creates the error for a successful reply whose content is not usable. */
export function unusableReplyError(sent: RequestSent, { cause, detail, ...problem }: UnusableReply): ProblemError {
  return new ProblemError(
    { ...problem, type: "about:blank", title: "Unusable reply", detail: `${detail}; is the URL right?` },
    { ...sent, cause },
  );
}

/** Codes of problems that only a status describes. */
const CODES_BY_STATUS: { readonly [status: number]: string } = { 404: "resource-not-found", 410: "resource-deleted" };

/**
 * Completes the problem details: RFC 9457 makes every member optional, and many servers send none, or `{ error: { code,
 * message } }`.
 */
function problemOf(status: number, parsed: unknown): Problem {
  const body = fieldsOf(parsed);
  const error = fieldsOf(body["error"]);
  const { errors } = body;
  return {
    type: stringOrUndefined(body["type"]) ?? "about:blank",
    title: stringOrUndefined(body["title"]) ?? `HTTP ${status}`,
    status,
    detail:
      stringOrUndefined(body["detail"]) ??
      stringOrUndefined(error["message"]) ??
      stringOrUndefined(body["title"]) ??
      "no reason given",
    code:
      stringOrUndefined(body["code"]) ??
      stringOrUndefined(error["code"]) ??
      CODES_BY_STATUS[status] ??
      `http-${status}`,
    ...(Array.isArray(errors) && { errors: errors.filter(isFieldError) }),
  };
}

function isFieldError(value: unknown): value is { pointer: string; detail: string } {
  return isJsonObject(value) && typeof value["pointer"] === "string" && typeof value["detail"] === "string";
}

/** Returns the fields of a JSON object, and none for any other value. */
export function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return isJsonObject(value) ? value : {};
}

export function stringOrUndefined(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A shorter pause is taken for none: obeyed, it would make a client poll without end several times a second. */
const MIN_RETRY_AFTER_MS = 1000;
/** A longer pause is taken for a mistake of the server. */
const MAX_RETRY_AFTER_MS = 7 * 86_400_000;
/** Limits a pause that was computed with this machine's clock, which may be wrong. */
const MAX_UNVERIFIED_PAUSE_MS = 60_000;

/**
 * Returns Retry-After in milliseconds from now, or undefined if it is missing, malformed, below a second or above seven
 * days. A date is compared with the server's own `Date` header, if there is one, so that the client's clock may be
 * wrong.
 *
 * @param now wall-clock instant, for a server that sends no `Date`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after") ?? "";
  const seconds = Number(value);
  const serverNow = Date.parse(headers.get("date") ?? "");
  const isDate = Number.isNaN(seconds);
  const ms = isDate ? Date.parse(value) - (serverNow || now) : seconds * 1000;
  if (!(ms >= MIN_RETRY_AFTER_MS && ms <= MAX_RETRY_AFTER_MS)) return undefined;
  return isDate && !serverNow ? Math.min(MAX_UNVERIFIED_PAUSE_MS, ms) : ms;
}
