import type { IncomingMessage, ServerResponse } from "node:http";
import { type Log, silentLog } from "../../core/ports/log.ts";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import type { Handler, HttpResponse } from "./exchange.ts";
import { NodeRequest } from "./node-request.ts";
import { problemResponse } from "./problems.ts";
import { send } from "./send.ts";

/** What `http.createServer` takes. */
export type NodeListener = (incoming: IncomingMessage, response: ServerResponse) => void;

export interface NodeListenerOptions {
  /** Gets what does not stand under this path; without it, that is answered with 404. */
  readonly basePath?: string;
  readonly fallback?: NodeListener;
  /** How long a body may take to arrive. @default 30000 */
  readonly bodyMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

/**
 * Serves a handler on plain `node:http`. Give it to `createServer` with `serverLimits`, and to its `checkContinue` event too, so
 * that a client that asks first sends no body that will be refused.
 */
export function nodeListener(handler: Handler, options: NodeListenerOptions = {}): NodeListener {
  const { basePath, fallback, bodyMs = 30_000, clock = systemClock, log = silentLog } = options;
  const limits = { clock, bodyMs };
  const pathPrefix = `${basePath ?? ""}/`;
  return (incoming, response) => {
    const request = new NodeRequest(incoming, response, limits);
    if (fallback !== undefined && !request.path.startsWith(pathPrefix)) {
      fallback(incoming, response);
      return;
    }
    const exchange = { incoming, response, clock, log };
    const answered = callHandler(handler, request, log);
    if (!(answered instanceof Promise)) {
      send(answered, exchange);
      return;
    }
    answered.then(
      (answered) => send(answered, exchange),
      (error: unknown) => send(problemResponse(error, request.path, log), exchange),
    );
  };
}

function callHandler(handler: Handler, request: NodeRequest, log: Log): MaybePromise<HttpResponse> {
  try {
    return handler(request);
  } catch (error) {
    return problemResponse(error, request.path, log);
  }
}

/** How many connections a server has at most: as many as may be held, and those that ask. What is beyond is closed at once. */
export const MAX_CONNECTIONS = 60_000;

/** For `createServer`: cuts off clients that send slowly, and finds connections whose other end is gone. */
export const serverLimits = {
  /** How long a client may take over the head of a request. */
  headersTimeout: 15_000,
  /** How long over a whole request. */
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  noDelay: true,
} as const;
