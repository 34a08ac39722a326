import { type AfootError, isAfootError } from "../../core/errors.ts";
import { type Backoff, backoffMs } from "../../core/scheduling/backoff.ts";
import { onAbort, pause } from "../../core/scheduling/pause.ts";
import { ProblemError, UnreachableError } from "../errors.ts";
import { type Answer, type Asked, isWorthRepeating, readAnswer } from "./reply.ts";
import type { Transport } from "./transport.ts";

export interface Outgoing extends Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A try that came to nothing and will be repeated. */
export interface Retry {
  /** What went wrong. */
  readonly error: AfootError;
  /** How long until the next try. */
  readonly retryInMs: number;
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to go on repeating. @default without end */
  readonly patienceMs?: number;
  /** How long the server was asked to hold the answer. @default 0 */
  readonly holdMs?: number;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

const BACKOFF: Backoff = { initialMs: 500, factor: 2, maxMs: 30_000 };
/** A server that says "at once" still gets a moment. */
const SHORTEST_PAUSE_MS = 250;
/** A try without an answer by then is given up: the connection may be long dead. */
const SILENCE_MS = 30_000;

/**
 * Sends a request until it is answered: a lost connection, silence, 408, 425, 429 and 5xx are repeated, after the server's
 * Retry-After or with backoff. Writes must carry an Idempotency-Key, so that a repeated one takes effect once.
 *
 * @throws ProblemError for an answer that no repetition would change, and for a 429 or 5xx once patience is over
 * @throws UnreachableError when patience is over without any answer
 */
export async function send(transport: Transport, outgoing: Outgoing, options: SendOptions = {}): Promise<Answer> {
  const { clock } = transport;
  const { signal, patienceMs = Infinity, onRetry } = options;
  const giveUpAt = clock.monotonic() + patienceMs;
  for (let tries = 1; ; tries++) {
    const limitMs = Math.min(SILENCE_MS + (options.holdMs ?? 0), giveUpAt - clock.monotonic());
    const tried = await attempt(transport, outgoing, limitMs, signal);
    if ("answer" in tried) return tried.answer;
    signal?.throwIfAborted();
    const { error } = tried;
    const retryInMs = pauseMs(error, tries, clock.random());
    if (clock.monotonic() + retryInMs >= giveUpAt) throw error;
    onRetry?.({ error, retryInMs });
    await pause(clock, retryInMs, signal);
    signal?.throwIfAborted();
  }
}

function pauseMs(error: AfootError, tries: number, random: number): number {
  const asked = error instanceof ProblemError ? error.retryAfterMs : undefined;
  if (asked === undefined) return backoffMs(BACKOFF, tries, random);
  return Math.max(SHORTEST_PAUSE_MS, asked) * (1 + random / 10);
}

type Tried = { readonly answer: Answer } | { readonly error: AfootError };

async function attempt(
  transport: Transport,
  outgoing: Outgoing,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Tried> {
  const { clock } = transport;
  const ending = new AbortController();
  const unbind = onAbort(signal, (reason) => {
    ending.abort(reason);
  });
  const stop = clock.after(limitMs, () => {
    ending.abort(new Error(`no answer within ${Math.round(limitMs / 1000)} s`));
  });
  try {
    const request = await requestOf(transport, outgoing, ending.signal);
    return await exchange(transport, outgoing, request);
  } finally {
    stop();
    unbind();
  }
}

async function requestOf(
  transport: Transport,
  { method, url, headers = {}, body }: Outgoing,
  signal: AbortSignal,
): Promise<Request> {
  const all = new Headers(await transport.headers());
  all.set("accept", "application/json");
  if (body !== undefined) all.set("content-type", "application/json");
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  // A cache in between would show a state that is no more.
  return new Request(url, { method, headers: all, signal, cache: "no-store", ...content });
}

async function exchange(transport: Transport, asked: Asked, request: Request): Promise<Tried> {
  const { clock } = transport;
  const sentAt = clock.monotonic();
  try {
    return { answer: await readAnswer(asked, await transport.fetch(request), clock, sentAt) };
  } catch (cause) {
    if (!isAfootError(cause)) return { error: new UnreachableError(asked.url, cause) };
    if (cause instanceof ProblemError && isWorthRepeating(cause.status)) return { error: cause };
    throw cause;
  }
}
