import { createHash } from "node:crypto";
import type { IdempotentReply } from "../../core/change.ts";
import type { Principal } from "../../core/principal.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { Refusal } from "../http/problems.ts";
import { toRefusal } from "../http/refusals.ts";

/** Identity of a request with an idempotency key. The fingerprint detects a key that is reused for another request. */
export interface IdempotentRequest {
  readonly principal: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** The response to a write, before the client's preferences are applied. */
export interface WriteResponse {
  readonly status: number;
  readonly location: string;
  /** Headers besides `Location`: alternating names and values. */
  readonly headers: readonly string[];
  readonly text: string;
}

/** Reads `Idempotency-Key`. @throws Refusal `invalid-header` */
export function readIdempotentRequest(
  { http, principal }: { readonly http: HttpRequest; readonly principal: Principal | undefined },
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

/** Reads a quoted string, as the draft specifies, or a bare token, as many clients send. Both are the same key. */
function readKey(request: HttpRequest): string | undefined {
  const header = request.header("idempotency-key");
  if (header === undefined) return undefined;
  const key = TOKEN.test(header) ? header : QUOTED.exec(header)?.[1]?.replaceAll(/\\(.)/g, "$1");
  if (key !== undefined && key !== "" && key.length <= MAX_KEY_LENGTH) return key;
  throw new Refusal(
    "invalid-header",
    `Idempotency-Key is malformed; send one key of 1 to ${MAX_KEY_LENGTH} visible ASCII characters, with or without double quotes.`,
  );
}

/** Converts a response to the form in which the store keeps it. The first line of the body has the headers. */
export function toStoredReply(
  { principal, key, fingerprint }: IdempotentRequest,
  response: WriteResponse,
): IdempotentReply {
  const { status, location, headers, text } = response;
  return { principal, key, fingerprint, status, location, body: `${JSON.stringify(headers)}\n${text}` };
}

/** Restores the stored response. @throws Refusal `idempotency-key-reused` if it belongs to another request */
export function fromStoredReply(
  { fingerprint, status, location, body }: IdempotentReply,
  request: IdempotentRequest,
): WriteResponse {
  if (fingerprint !== request.fingerprint) throw toRefusal("idempotency-key-reused");
  const end = body.indexOf("\n");
  const headers: unknown = JSON.parse(body.slice(0, end));
  return { status, location, headers: Array.isArray(headers) ? headers.map(String) : [], text: body.slice(end + 1) };
}
