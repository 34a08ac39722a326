import type { Reply } from "./reply.ts";
import { type CallOptions, type OutgoingRequest, send } from "./send.ts";
import type { Transport } from "./transport.ts";

/** Options of every call that writes. */
export interface WriteOptions extends CallOptions {
  /**
   * Idempotency key: requests with the same key take effect once. Pass your own key if your process may restart before
   * it has stored the reply.
   *
   * @default a new key for each call, kept for its retries
   */
  readonly idempotencyKey?: string;
}

/** Options of a write that starts an operation. */
export interface StartOptions extends WriteOptions {
  /**
   * Deadline of the operation, earlier than that of its type: an ISO 8601 duration or an RFC 3339 instant.
   *
   * @default that of the type
   */
  readonly deadline?: string;
}

/** Options of a write that sends a configuration. */
export interface ConfigureOptions extends StartOptions {
  /**
   * Pairs of strings to attach, if the type declares `metadata`. An update merges them, and null removes a key.
   *
   * @default unchanged; for a new resource, none
   */
  readonly metadata?: Readonly<Record<string, string | null>> | null;
}

/** Options of a create. */
export interface CreateOptions extends ConfigureOptions {
  /** https URL that gets the events of the resource, if the app allows receivers of its clients. @default none */
  readonly webhook?: string;
}

/** Returns the body of a write that sends a configuration. */
export function configureBody(configuration: unknown, { metadata, deadline, webhook }: CreateOptions = {}): object {
  return { configuration, metadata, deadline, webhook };
}

/** Sends a write with an idempotency key, so that retries take effect once. */
export async function write(
  transport: Transport,
  request: OutgoingRequest,
  options: WriteOptions = {},
): Promise<Reply> {
  // 128 random bits. `crypto.randomUUID` is missing on pages served without https.
  const { idempotencyKey = crypto.getRandomValues(new BigUint64Array(2)).join("-") } = options;
  const headers = { ...request.headers, "idempotency-key": `"${idempotencyKey}"` };
  return send(transport, { ...request, headers }, options);
}
