import { AfootError, isAfootError } from "../../core/errors.ts";
import { encodeJson } from "../../core/json/encode-json.ts";
import type { JsonText } from "../../core/json/json.ts";
import { type Backoff, backoffMs } from "../../core/scheduling/backoff.ts";
import { onAbort, pause } from "../../core/scheduling/pause.ts";
import { ProblemError, UnreachableError } from "../errors.ts";
import { type Reply, type RequestSent, isRetryableStatus, readReply } from "./reply.ts";
import type { Transport } from "./transport.ts";

export interface OutgoingRequest extends RequestSent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A failed try that will be repeated. */
export interface Retry {
  /** The error of the failed try. */
  readonly error: AfootError;
  /** Pause before the next try. */
  readonly retryInMs: number;
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Time limit for retries. @default no limit */
  readonly retryForMs?: number;
  /** Long-poll wait that the request asks the server for. @default 0 */
  readonly waitMs?: number;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

const BACKOFF: Backoff = { initialMs: 500, factor: 2, maxMs: 30_000 };
/** Minimum pause before a retry, also if the server requests none. */
const MIN_PAUSE_MS = 250;
/** A try without a reply by then is aborted: the connection may be dead. */
const RESPONSE_TIMEOUT_MS = 30_000;

/**
 * Sends a request and retries it until a usable reply arrives. A lost connection, a timeout, 408, 425, 429 and 5xx are
 * retried after the server's Retry-After, or with backoff. Writes must carry an Idempotency-Key, so that a retried one
 * takes effect once.
 *
 * @throws ProblemError for a reply that no retry would change, and for a 429 or 5xx once `retryForMs` is over
 * @throws UnreachableError if no reply arrived within `retryForMs`
 * @throws AfootError `invalid-body` if JSON cannot represent a value of the body, such as NaN
 */
export async function send(transport: Transport, request: OutgoingRequest, options: SendOptions = {}): Promise<Reply> {
  const { clock } = transport;
  const { signal, retryForMs: patienceMs = Infinity, onRetry } = options;
  const encoded = encodeRequest(request);
  const retryUntil = clock.monotonic() + patienceMs;
  for (let tries = 1; ; tries++) {
    const timeoutMs = Math.min(RESPONSE_TIMEOUT_MS + (options.waitMs ?? 0), retryUntil - clock.monotonic());
    const result = await sendOnce(transport, encoded, timeoutMs, signal);
    if ("reply" in result) return result.reply;
    signal?.throwIfAborted();
    const { error } = result;
    const retryInMs = pauseMs(error, tries, clock.random());
    if (clock.monotonic() + retryInMs >= retryUntil) throw error;
    onRetry?.({ error, retryInMs });
    await pause(clock, retryInMs, signal);
    signal?.throwIfAborted();
  }
}

function pauseMs(error: AfootError, tries: number, random: number): number {
  const requestedMs = error instanceof ProblemError ? error.retryAfterMs : undefined;
  if (requestedMs === undefined) return backoffMs(BACKOFF, tries, random);
  return Math.max(MIN_PAUSE_MS, requestedMs) * (1 + random / 10);
}

interface EncodedRequest extends RequestSent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: JsonText;
}

function encodeRequest({ body, ...request }: OutgoingRequest): EncodedRequest {
  if (body === undefined) return request;
  try {
    return { ...request, text: encodeJson(body, "body") };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new AfootError("invalid-body", `${request.method} ${request.url}: ${problem}`, { cause });
  }
}

type AttemptResult = { readonly reply: Reply } | { readonly error: AfootError };

async function sendOnce(
  transport: Transport,
  outgoing: EncodedRequest,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<AttemptResult> {
  const { clock } = transport;
  const controller = new AbortController();
  const unbind = onAbort(signal, (reason) => {
    controller.abort(reason);
  });
  const cancelTimeout = clock.after(timeoutMs, () => {
    controller.abort(new Error(`no reply within ${Math.round(timeoutMs / 1000)} s`));
  });
  try {
    const request = await createRequest(transport, outgoing, controller.signal);
    return await fetchReply(transport, outgoing, request);
  } finally {
    cancelTimeout();
    unbind();
  }
}

async function createRequest(
  transport: Transport,
  { method, url, headers = {}, text }: EncodedRequest,
  signal: AbortSignal,
): Promise<Request> {
  const all = new Headers(await transport.headers());
  all.set("accept", "application/json");
  if (text !== undefined) all.set("content-type", "application/json");
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const content = text === undefined ? {} : { body: text };
  // A cache between client and server would return an outdated state.
  return new Request(url, { method, headers: all, signal, cache: "no-store", ...content });
}

async function fetchReply(transport: Transport, sent: RequestSent, request: Request): Promise<AttemptResult> {
  const { clock } = transport;
  const sentAt = clock.monotonic();
  try {
    return { reply: await readReply(sent, await transport.fetch(request), clock, sentAt) };
  } catch (cause) {
    if (!isAfootError(cause)) return { error: new UnreachableError(sent.url, cause) };
    if (cause instanceof ProblemError && isRetryableStatus(cause.status)) return { error: cause };
    throw cause;
  }
}
