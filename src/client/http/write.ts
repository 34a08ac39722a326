import type { Reply } from "./reply.ts";
import { type CallOptions, type OutgoingRequest, send } from "./send.ts";
import type { Transport } from "./transport.ts";

export interface WriteOptions extends CallOptions {
  /**
   * Idempotency key: requests with the same key take effect once. Pass your own key if your process may restart before
   * it has stored the reply.
   *
   * @default a new key for each call, kept for its retries
   */
  readonly idempotencyKey?: string;
}

/** Sends a write with an idempotency key, so that retries take effect once. */
export async function write(
  transport: Transport,
  request: OutgoingRequest,
  options: WriteOptions = {},
): Promise<Reply> {
  const { idempotencyKey = createIdempotencyKey() } = options;
  const headers = { ...request.headers, "idempotency-key": `"${idempotencyKey}"` };
  return send(transport, { ...request, headers }, options);
}

/** Returns 128 random bits. `crypto.randomUUID` is missing on pages served without https. */
function createIdempotencyKey(): string {
  return crypto.getRandomValues(new BigUint64Array(2)).join("-");
}
