import type { Clock } from "../../core/scheduling/clock.ts";
import { clientClock } from "../clock.ts";

/** Whatever `new Headers()` takes. */
export type HeadersInput = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** How requests leave: the same for every request of a client. */
export interface TransportOptions {
  /** Sent with every request, such as `authorization`. A function is asked anew for each try, so that a token may be renewed. */
  readonly headers?: HeadersInput | (() => HeadersInput | Promise<HeadersInput>);
  /** Sends one request. @default the platform's `fetch` */
  readonly fetch?: (request: Request) => Promise<Response>;
  /**
   * How many requests a server may hold at once for this page or process; what is followed beyond that is polled by Retry-After.
   *
   * @default 4 in a browser, which by HTTP/1.1 opens only six connections to one server; no limit elsewhere
   */
  readonly maxHeld?: number;
  /** Where time and jitter come from. @default the machine's */
  readonly clock?: Clock;
}

export interface Transport {
  readonly headers: () => HeadersInput | Promise<HeadersInput>;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly maxHeld: number;
  readonly clock: Clock;
}

const MOST_HELD = "document" in globalThis ? 4 : Infinity;

export function createTransport(options: TransportOptions): Transport {
  const { headers = {}, fetch: send, maxHeld = MOST_HELD, clock = clientClock } = options;
  return {
    maxHeld,
    headers: typeof headers === "function" ? headers : () => headers,
    fetch: send ?? ((request) => fetch(request)),
    clock,
  };
}
