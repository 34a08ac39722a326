import type { Clock } from "../core/clock.ts";
import { clientClock } from "./clock.ts";

/** Whatever `new Headers()` takes. */
export type HeadersInput = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** How requests leave: the same for every request of a client. */
export interface TransportOptions {
  /** Sent with every request, such as `authorization`. A function is asked anew for each try, so that a token may be renewed. */
  readonly headers?: HeadersInput | (() => HeadersInput | Promise<HeadersInput>);
  /** Sends one request. @default the platform's `fetch` */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Where time and jitter come from. @default the machine's */
  readonly clock?: Clock;
}

export interface Transport {
  readonly headers: () => HeadersInput | Promise<HeadersInput>;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
}

export function createTransport({ headers = {}, fetch: send, clock = clientClock }: TransportOptions): Transport {
  return {
    headers: typeof headers === "function" ? headers : () => headers,
    fetch: send ?? ((request) => fetch(request)),
    clock,
  };
}
