import { createHash } from "node:crypto";
import type { IdempotentReply } from "../../core/change.ts";
import type { EndpointRequest } from "../context.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";

/** Names a request that may be repeated: whose, which key, and what it asks. */
export interface IdempotentRequest {
  readonly principal: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** An answer to a write, before the client's preferences are applied. */
export interface WriteResponse {
  readonly status: number;
  readonly location: string;
  /** Beside `Location`; name, value, name, value. */
  readonly headers: readonly string[];
  readonly text: string;
}

/** Reads `Idempotency-Key`. @throws Refusal `invalid-header` */
export function readIdempotentRequest(
  { http, principal }: EndpointRequest,
  body: Uint8Array,
): IdempotentRequest | undefined {
  const key = readKey(http);
  if (key === undefined) return undefined;
  const fingerprint = createHash("sha256").update(`${http.method} ${http.path}\n`).update(body).digest("base64url");
  return { principal: principal?.id ?? "", key, fingerprint };
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z:/=-]+$/;
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const MAX_KEY_LENGTH = 255;

/** A quoted string, as the draft has it, or a bare token, as many clients send it; both name the same key. */
function readKey(request: HttpRequest): string | undefined {
  const header = request.header("idempotency-key");
  if (header === undefined) return undefined;
  const key = TOKEN.test(header) ? header : QUOTED.exec(header)?.[1]?.replaceAll(/\\(.)/g, "$1");
  if (key !== undefined && key !== "" && key.length <= MAX_KEY_LENGTH) return key;
  throw new Refusal(
    "invalid-header",
    `Idempotency-Key: give one key of 1 to ${MAX_KEY_LENGTH} visible ASCII characters, in double quotes or bare.`,
  );
}

/** What the store keeps of an answer. Its headers stand in the first line of the body: a repetition gets them as they were. */
export function toStoredReply(
  { principal, key, fingerprint }: IdempotentRequest,
  answer: WriteResponse,
): IdempotentReply {
  const { status, location, headers, text } = answer;
  return { principal, key, fingerprint, status, location, body: `${JSON.stringify(headers)}\n${text}` };
}

/** The answer given before. @throws Refusal `idempotency-key-reused` where it was given to another request */
export function fromStoredReply(
  { fingerprint, status, location, body }: IdempotentReply,
  asked: IdempotentRequest,
): WriteResponse {
  if (fingerprint !== asked.fingerprint) throw idempotencyKeyReused();
  const end = body.indexOf("\n");
  const headers: unknown = JSON.parse(body.slice(0, end));
  return { status, location, headers: Array.isArray(headers) ? headers.map(String) : [], text: body.slice(end + 1) };
}

export function idempotencyKeyReused(): Refusal {
  return new Refusal(
    "idempotency-key-reused",
    "This Idempotency-Key was used for another request. A new request needs a new key; a repeated one has the same method, path and body.",
  );
}
