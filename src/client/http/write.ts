import type { Reply } from "./reply.ts";
import { type OutgoingRequest, type Retry, send, type SendOptions } from "./send.ts";
import type { Transport } from "./transport.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Time limit for retries after a lost connection, 429 or 5xx. @default 60000 */
  readonly timeoutMs?: number;
  /** Called after a failed try that will be repeated. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface WriteOptions extends CallOptions {
  /**
   * Idempotency key: requests with the same key take effect once. Pass your own key if your process may restart before
   * it has stored the reply.
   *
   * @default a new key for each call, kept for its retries
   */
  readonly idempotencyKey?: string;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function toSendOptions({ signal, timeoutMs = DEFAULT_TIMEOUT_MS, onRetry }: CallOptions): SendOptions {
  return { signal, retryForMs: timeoutMs, onRetry };
}

/** Sends a write with an idempotency key, so that retries take effect once. */
export async function write(transport: Transport, request: OutgoingRequest, options: WriteOptions): Promise<Reply> {
  const { idempotencyKey = createIdempotencyKey() } = options;
  const headers = { ...request.headers, "idempotency-key": `"${idempotencyKey}"` };
  return send(transport, { ...request, headers }, toSendOptions(options));
}

/** Returns 128 random bits in hex. `crypto.randomUUID` is missing on pages served without https. */
function createIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
