import type { TransactionClient } from "../../core/ports/transactions.ts";
import type { Principal } from "../../core/principal.ts";

/** The transaction of a caller in this process, which a write joins instead of being committed by the server. */
export interface CallerTransaction {
  readonly client: TransactionClient;
  /** Called with the error of the client or the store, which no problem response could contain. */
  readonly onError: (error: unknown) => void;
}

/** A request, independent of the transport. Each part is read or converted on first access only. */
export interface HttpRequest {
  /** The method in upper case, as sent. */
  readonly method: string;
  /** The path as sent, still percent-encoded, without the query. */
  readonly path: string;
  /** The text after the first `?`, as sent; empty if there is none. */
  readonly query: string;
  /**
   * Returns scheme and authority that the client used, such as `https://api.example.com`; undefined if it sent no valid
   * host.
   */
  readonly origin: () => string | undefined;
  /** Returns the value of a header by its lower-case name. Repeated headers are joined by a comma and a space. */
  readonly header: (name: string) => string | undefined;
  /** Returns all headers, for hooks that use Web standards. */
  readonly headers: () => Headers;
  /**
   * Reads the body. Can be called once.
   *
   * @throws AfootError `body-too-large` as soon as the body is known to exceed `limit` bytes; the rest is not read
   * @throws AfootError `request-timeout` if the body does not arrive in time
   * @throws AfootError `client-gone` if the client disconnects before the body is complete
   */
  readonly readBody: (limit: number) => Promise<Uint8Array>;
  /**
   * True for requests of this process itself: they are not authenticated, and have full access without a `principal`.
   */
  readonly trusted?: boolean;
  /** The principal that a trusted request acts for. */
  readonly principal?: Principal;
  /** The transaction that a trusted write joins. @default none: the server commits the write */
  readonly transaction?: CallerTransaction;
  /** The request of the host that serves the app, such as a Fastify request, for `authenticate`. */
  readonly host?: unknown;
  /**
   * Calls back once if the client disconnects before its response is complete. Returns a function that unsubscribes.
   */
  readonly onGone: (callback: () => void) => () => void;
}

/** A response body: none, a text, bytes, or a stream of texts. */
export type HttpBody = string | Uint8Array<ArrayBuffer> | AsyncIterable<string> | undefined;

/** A response of an app's handler, before a host sends it. */
export interface HttpResponse {
  readonly status: number;
  /** Alternating names and values, as Node's `writeHead` accepts them. A transport adds a missing `Content-Length`. */
  readonly headers: readonly string[];
  readonly body?: HttpBody;
  /** True if the response was delayed by long polling, at the client's request. @default false */
  readonly hasWaited?: boolean;
  /** Closes the connection after the response, without reading the rest of the request. */
  readonly close?: boolean;
}

/** Handles requests of any transport. Never rejects because of client input. */
export interface Handler {
  (request: HttpRequest): Promise<HttpResponse> | HttpResponse;
  /** Responds to every waiting request with the current state. Later requests do not wait. */
  readonly close: () => Promise<void>;
}
