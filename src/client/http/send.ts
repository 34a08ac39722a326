import { type AfootError, isAfootError } from "../../core/errors.ts";
import type { JsonText } from "../../core/json/json.ts";
import { type Backoff, backoffMs } from "../../core/scheduling/backoff.ts";
import { onAbort, pause } from "../../core/scheduling/pause.ts";
import { ProblemError, UnreachableError } from "../errors.ts";
import { encodeBody } from "./encode-body.ts";
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

/** Options of every call of the client. */
export interface CallOptions {
  /** Stops the call. The resource is not affected. @default none */
  readonly signal?: AbortSignal | undefined;
  /** Time limit for retries after a lost connection, 429 or 5xx. @default 60000 */
  readonly timeoutMs?: number;
  /** Called after a failed try that will be repeated. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

export interface SendOptions extends CallOptions {
  /** Long-poll wait that the request asks the server for. @default 0 */
  readonly waitMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const BACKOFF: Backoff = { initialMs: 500, factor: 2, maxMs: 30_000 };
/** A try without a reply by then is aborted: the connection may be dead. */
const RESPONSE_TIMEOUT_MS = 30_000;

/**
 * Sends a request and retries it until a usable reply arrives. A lost connection, a timeout, 408, 425, 429 and 5xx are
 * retried after the server's Retry-After, or with backoff. Writes must carry an Idempotency-Key, so that a retried one
 * takes effect once.
 *
 * @throws ProblemError for a reply that no retry would change, and for a 429 or 5xx after `timeoutMs`
 * @throws UnreachableError if no reply arrived within `timeoutMs`
 * @throws AfootError `invalid-body` if JSON cannot represent a value of the body, such as NaN
 */
export async function send(
  transport: Transport,
  request: OutgoingRequest,
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS, onRetry, waitMs = 0 }: SendOptions = {},
): Promise<Reply> {
  const { clock } = transport;
  const text = encodeBody(request.body);
  const retryUntil = clock.monotonic() + timeoutMs;
  for (let tries = 1; ; tries++) {
    const limitMs = Math.min(RESPONSE_TIMEOUT_MS + waitMs, retryUntil - clock.monotonic());
    const { reply, error } = await sendOnce(transport, { ...request, text }, limitMs, signal);
    if (error === undefined) return reply;
    signal?.throwIfAborted();
    const retryInMs = pauseMs(error, tries, clock.random());
    if (clock.monotonic() + retryInMs >= retryUntil) throw error;
    onRetry?.({ error, retryInMs });
    await pause(clock, retryInMs, signal);
    signal?.throwIfAborted();
  }
}

function pauseMs(error: AfootError, tries: number, random: number): number {
  const requestedMs = error instanceof ProblemError ? error.retryAfterMs : undefined;
  return requestedMs === undefined ? backoffMs(BACKOFF, tries, random) : requestedMs * (1 + random / 10);
}

interface EncodedRequest extends OutgoingRequest {
  /** The body as JSON. */
  readonly text: JsonText | undefined;
}

type AttemptResult =
  | { readonly reply: Reply; readonly error?: undefined }
  | { readonly reply?: undefined; readonly error: AfootError };

async function sendOnce(
  transport: Transport,
  sent: EncodedRequest,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<AttemptResult> {
  const { clock } = transport;
  const controller = new AbortController();
  const unbind = onAbort(signal, (reason) => controller.abort(reason));
  const cancelTimeout = clock.after(timeoutMs, () => controller.abort(new Error(`no reply within ${timeoutMs} ms`)));
  try {
    const request = await createRequest(transport, sent, controller.signal);
    const sentAt = clock.monotonic();
    try {
      return { reply: await readReply(sent, await transport.fetch(request), clock, sentAt) };
    } catch (cause) {
      if (!isAfootError(cause)) return { error: new UnreachableError(sent.url, cause) };
      if (cause instanceof ProblemError && isRetryableStatus(cause.status)) return { error: cause };
      throw cause;
    }
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
  // A cache between client and server would return an outdated state.
  return new Request(url, { method, headers: all, signal, cache: "no-store", body: text ?? null });
}
