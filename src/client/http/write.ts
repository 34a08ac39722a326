import type { Answer } from "./reply.ts";
import { type Outgoing, type Retry, send, type SendOptions } from "./send.ts";
import type { Transport } from "./transport.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** How long to repeat a request that gets no usable answer: a lost connection, 429, 5xx. @default 60000 */
  readonly timeoutMs?: number;
  /** Called when the request came to nothing and will be sent again. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface WriteOptions extends CallOptions {
  /**
   * The same key with the same request takes effect once, however often it is sent: give your own where your process may be
   * restarted between sending and hearing of it.
   *
   * @default a new one for each call, kept over its repetitions
   */
  readonly idempotencyKey?: string;
}

const PATIENCE_MS = 60_000;

export function read({ signal, timeoutMs = PATIENCE_MS, onRetry }: CallOptions): SendOptions {
  return { signal, patienceMs: timeoutMs, onRetry };
}

/** Sends a write so that it may be repeated without harm. */
export async function write(transport: Transport, outgoing: Outgoing, options: WriteOptions): Promise<Answer> {
  const { idempotencyKey = createKey() } = options;
  const headers = { ...outgoing.headers, "idempotency-key": `"${idempotencyKey}"` };
  return send(transport, { ...outgoing, headers }, read(options));
}

/** `crypto.randomUUID` is missing in pages that did not come by https. */
function createKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
