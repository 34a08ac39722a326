import type { IncomingMessage, ServerResponse } from "node:http";
import { type Log, silentLog } from "../../core/ports/log.ts";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import type { Handler, HttpResponse } from "./exchange.ts";
import { LargeResponses } from "./large-responses.ts";
import { hasPathPrefix, type NodeHost, NodeRequest } from "./node-request.ts";
import { problemResponse } from "./problems.ts";
import { pathPrefixOf } from "./public-url.ts";
import { send } from "./send.ts";

/** A request listener for `http.createServer`. */
export type NodeListener = (incoming: IncomingMessage, response: ServerResponse) => void;

/** Options of {@link nodeListener}. */
export interface NodeListenerOptions {
  /** The path below which the handler serves; only used with `fallback`. @default "" */
  readonly basePath?: string;
  /**
   * URL under which clients reach the server, for the links in its own error responses.
   * @default links without a prefix
   */
  readonly publicUrl?: string | undefined;
  /** Prefix of the `type` of its own error responses, as in the options of the app. @default "urn:afoot:problem:" */
  readonly problemTypes?: string | undefined;
  /** Handles requests outside `basePath`. @default they get a 404 */
  readonly fallback?: NodeListener;
  /** Maximum time for a body to arrive. @default 30000 */
  readonly bodyMs?: number | undefined;
  /** Source of time. @default the system clock */
  readonly clock?: Clock;
  /** Log of errors that no client sees. @default no log */
  readonly log?: Log;
}

/**
 * Serves a handler on plain `node:http`. Pass it to `createServer` with `serverLimits`, and also add it as a listener
 * for `checkContinue`: a client that sends `Expect: 100-continue` then sends no body that will be rejected.
 */
export function nodeListener(handler: Handler, options: NodeListenerOptions = {}): NodeListener {
  const { basePath, fallback } = options;
  const pathPrefix = `${basePath ?? ""}/`;
  const serve = nodeServing(handler, options);
  return (incoming, response) => {
    if (fallback !== undefined && !hasPathPrefix(incoming.url, pathPrefix)) fallback(incoming, response);
    else serve(incoming, response);
  };
}

/** Serves one request of `node:http`, or of a framework on it. */
export type NodeServing = (incoming: IncomingMessage, response: ServerResponse, host?: NodeHost) => void;

export type NodeServingOptions = Omit<NodeListenerOptions, "basePath" | "fallback">;

/** Serves a handler to a framework on `node:http`, which passes its own request to `authenticate`. */
export function nodeServing(handler: Handler, options: NodeServingOptions): NodeServing {
  const { problemTypes, bodyMs = 30_000, clock = systemClock, log = silentLog } = options;
  const prefix = pathPrefixOf(options.publicUrl);
  const limits = { clock, bodyMs };
  const sender = { clock, log, largeResponses: new LargeResponses() };
  const fail = (request: NodeRequest, error: unknown): HttpResponse =>
    problemResponse(error, { path: prefix + request.path, problemTypes }, log);
  const call = (request: NodeRequest): MaybePromise<HttpResponse> => {
    try {
      return handler(request);
    } catch (error) {
      return fail(request, error);
    }
  };
  return (incoming, response, host) => {
    const request = new NodeRequest(incoming, response, limits, host);
    const result = call(request);
    if (result instanceof Promise) {
      result.then(
        (resolved) => send(resolved, incoming, response, sender),
        (error: unknown) => send(fail(request, error), incoming, response, sender),
      );
    } else {
      send(result, incoming, response, sender);
    }
  };
}

/**
 * Maximum number of open connections: the long polls, and room for other requests. Further connections are closed at
 * once.
 */
export const MAX_CONNECTIONS = 60_000;

/** Options for `createServer` that cut off slow clients and detect dead connections. */
export const serverLimits = {
  /** Maximum time to receive the headers of a request. */
  headersTimeout: 15_000,
  /** Maximum time to receive a whole request. */
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  noDelay: true,
} as const;
