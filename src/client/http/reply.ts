import { isJsonObject } from "../../core/json/json.ts";
import type { Problem } from "../../core/problem.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { GoneError, ProblemError } from "../errors.ts";

/** What a server said to one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; null where it is empty. */
  readonly body: unknown;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** From the request to the end of the body. */
  readonly tookMs: number;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
}

/** 501 and 505 say that the request can never be served. */
export function isWorthRepeating(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && ![501, 505].includes(status));
}

/**
 * Reads a response to its end.
 *
 * @throws ProblemError for every status that is neither 2xx nor 304, and `not-json` for another content type
 * @throws SyntaxError for JSON that was cut off
 */
export async function readAnswer(asked: Asked, response: Response, clock: Clock, sentAt: number): Promise<Answer> {
  const text = await response.text();
  const answer = {
    status: response.status,
    headers: response.headers,
    text,
    retryAfterMs: retryAfterMs(response.headers, clock.now()),
    tookMs: clock.monotonic() - sentAt,
  };
  if (!response.ok && response.status !== 304) throw problemError(asked, answer);
  return { ...answer, body: parse(asked, answer) };
}

function parse(asked: Asked, { status, headers, text }: Omit<Answer, "body">): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const type = headers.get("content-type") ?? "no content type";
    if (type.includes("json")) throw cause;
    throw unusable(asked, {
      status,
      code: "not-json",
      detail: `answered with ${type} where JSON was expected`,
      cause,
    });
  }
}

export interface Unusable {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly cause?: unknown;
}

/** The error for an answer that is no refusal, and not what was asked for either. */
export function unusable(asked: Asked, { cause, detail, ...problem }: Unusable): ProblemError {
  return new ProblemError(
    { ...problem, type: "about:blank", title: "Unusable answer", detail: `${detail}; is the URL right?` },
    { ...asked, cause },
  );
}

function problemError(asked: Asked, { status, text, retryAfterMs: waitMs }: Omit<Answer, "body">): ProblemError {
  const Kind = CODES.has(status) ? GoneError : ProblemError;
  return new Kind(problemOf(status, text), { ...asked, retryAfterMs: waitMs });
}

/** What a status alone says of a resource. */
const CODES: ReadonlyMap<number, string> = new Map([
  [404, "resource-not-found"],
  [410, "resource-deleted"],
]);

/** RFC 9457 leaves every member out if it likes, and many servers say nothing of the kind, or `{ error: { code, message } }`. */
function problemOf(status: number, text: string): Problem {
  const said = jsonObjectIn(text);
  const error = isJsonObject(said["error"]) ? said["error"] : {};
  const { errors } = said;
  return {
    type: textOf(said["type"]) ?? "about:blank",
    title: textOf(said["title"]) ?? `HTTP ${status}`,
    status,
    detail: textOf(said["detail"]) ?? textOf(error["message"]) ?? textOf(said["title"]) ?? "the server gave no reason",
    code: textOf(said["code"]) ?? textOf(error["code"]) ?? CODES.get(status) ?? `http-${status}`,
    ...(Array.isArray(errors) ? { errors: errors.filter(isFault) } : {}),
  };
}

function isFault(value: unknown): value is { pointer: string; detail: string } {
  return isJsonObject(value) && typeof value["pointer"] === "string" && typeof value["detail"] === "string";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function jsonObjectIn(text: string): { [key: string]: unknown } {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : {};
  } catch {
    return {};
  }
}

/**
 * Reads Retry-After, in milliseconds from now: seconds, or a date, which is held against the server's own `Date` where it gives
 * one, so that a client's clock may be wrong. Undefined where there is none that can be read.
 *
 * @param now wall-clock instant, for a date from a server without `Date`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after") ?? "";
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  // Date.parse makes something of "-1" too; an HTTP date names its day and its month.
  const at = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  const serverNow = Date.parse(headers.get("date") ?? "") || now;
  return Number.isNaN(at) ? undefined : Math.max(0, at - serverNow);
}
