/** One request, whatever carried it. Nothing is read or converted before it is asked for. */
export interface HttpRequest {
  /** In upper case, as sent. */
  readonly method: string;
  /** The path as sent, still percent-encoded, without the query. */
  readonly path: string;
  /** What follows the first `?`, as sent; empty where there is none. */
  readonly query: string;
  /** Scheme and authority by which the client came here, such as `https://api.example.com`; undefined where it named none. */
  readonly origin: () => string | undefined;
  /** The value of a header, by its lower-case name; several of one name joined by a comma and a space. */
  readonly header: (name: string) => string | undefined;
  /** All headers, for hooks that speak Web standards. */
  readonly headers: () => Headers;
  /**
   * Reads the body, once.
   *
   * @throws AfootError `body-too-large` as soon as it is known to have more bytes than `limit`; the rest is not read
   * @throws AfootError `request-timeout` when it is not there in time
   * @throws AfootError `client-gone` when the client went away before all of it had come
   */
  readonly readBody: (limit: number) => Promise<Uint8Array>;
  /** Sent by the process itself: nobody is asked who it is, and it may do everything. */
  readonly trusted?: boolean;
  /** Calls back once, when the client goes away before it has its whole answer. The returned function takes it back. */
  readonly onGone: (callback: () => void) => () => void;
}

/** What a response carries: nothing, a text, or texts as they come. */
export type HttpBody = string | AsyncIterable<string> | undefined;

export interface HttpResponse {
  readonly status: number;
  /** Name, value, name, value: as `writeHead` of Node takes it. A transport adds `Content-Length` where it is not there. */
  readonly headers: readonly string[];
  readonly body?: HttpBody;
  /** It was kept waiting because its client wished so. @default false */
  readonly hasWaited?: boolean;
  /** The connection ends after it: what the client still sends is not read. */
  readonly close?: boolean;
}

/** Answers requests, over any transport. Never rejects for what a client sent. */
export interface Handler {
  (request: HttpRequest): Promise<HttpResponse> | HttpResponse;
  /** Answers every held request with the current state; from then on none is held. */
  readonly close: () => Promise<void>;
}
