import type { Clock } from "../../core/scheduling/clock.ts";
import { clientClock } from "../clock.ts";

/** Headers in any form that `new Headers()` accepts. */
export type HeadersInput = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** Options for all requests of a client. */
export interface TransportOptions {
  /**
   * Headers of every request, such as `authorization`. A function is called for each try, so that a token can be
   * renewed.
   */
  readonly headers?: HeadersInput | (() => HeadersInput | Promise<HeadersInput>);
  /** Sends one request. @default the platform's `fetch` */
  readonly fetch?: (request: Request) => Promise<Response>;
  /**
   * Maximum number of open long polls of this page or process. Further resources are polled by Retry-After.
   *
   * @default 4 in a browser, which opens at most six HTTP/1.1 connections to one server; no limit elsewhere
   */
  readonly maxLongPolls?: number;
  /** Source of time and jitter. @default the system clock */
  readonly clock?: Clock;
}

export interface Transport {
  readonly headers: () => HeadersInput | Promise<HeadersInput>;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly maxLongPolls: number;
  readonly clock: Clock;
}

const DEFAULT_MAX_LONG_POLLS = "document" in globalThis ? 4 : Infinity;

export function createTransport({
  headers = {},
  fetch: send = (request) => fetch(request),
  maxLongPolls = DEFAULT_MAX_LONG_POLLS,
  clock = clientClock,
}: TransportOptions): Transport {
  return { maxLongPolls, headers: typeof headers === "function" ? headers : () => headers, fetch: send, clock };
}
