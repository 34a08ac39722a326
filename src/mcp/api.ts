import { isJsonObject } from "../core/json/json.ts";
import { silentLog } from "../core/ports/log.ts";
import type { Handler, HttpRequest, HttpResponse } from "../server/http/exchange.ts";
import { JSON_TYPE } from "../server/http/headers.ts";
import { problemResponse } from "../server/http/problems.ts";
import { bodyTooLarge } from "../server/http/read-body.ts";

/** A request to the API of the app. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path below the base path, such as `orders/7`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Headers by lower-case name, besides those of the agent's request. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The response of the API. */
export interface ApiReply {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** The parsed JSON object; empty for a response without one. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a request to the API of the app. Resolves for every status. */
export type CallApi = (request: ApiRequest) => Promise<ApiReply>;

/** Headers that concern the agent's own request. All others pass: `authenticate` may read any. */
const OWN_HEADERS =
  /^(?:accept|accept-.*|connection|content-.*|expect|idempotency-key|if-.*|keep-alive|last-event-id|mcp-.*|prefer|range|te|trailer|transfer-encoding|upgrade)$/;

/** The host's own requests, by the requests of agents that were made from them. `authenticate` reads them. */
export const hosts = new WeakMap<Request, unknown>();

interface ApiOptions {
  readonly handler: Handler;
  readonly basePath: string;
}

/**
 * Creates a function that calls the API with the credentials of an agent's request, so that the same rules apply as to any other
 * client.
 */
export function createCallApi({ handler, basePath }: ApiOptions, incoming: Request): CallApi {
  const { origin } = new URL(incoming.url);
  return async (request) => {
    const path = `${basePath}/${request.path}`;
    const body = request.body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(request.body));
    const headers = headersOf(incoming, request, body.length);
    const http: HttpRequest = {
      method: request.method,
      path,
      query: new URLSearchParams(request.query).toString(),
      origin: () => origin,
      header: (name) => headers.get(name) ?? undefined,
      headers: () => headers,
      host: hosts.get(incoming),
      async readBody(limit) {
        if (body.length > limit) throw bodyTooLarge(limit);
        return body;
      },
      onGone: (callback) => onAbort(incoming.signal, callback),
    };
    return toReply(await respond(handler, http));
  };
}

function headersOf(incoming: Request, request: ApiRequest, length: number): Headers {
  const headers = new Headers([...incoming.headers].filter(([name]) => !OWN_HEADERS.test(name)));
  headers.set("accept", JSON_TYPE);
  if (request.body !== undefined) {
    headers.set("content-type", JSON_TYPE);
    headers.set("content-length", String(length));
  }
  for (const [name, value] of Object.entries(request.headers ?? {})) if (value !== undefined) headers.set(name, value);
  return headers;
}

async function respond(handler: Handler, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await handler(request);
  } catch (error) {
    return problemResponse(error, { path: request.path }, silentLog);
  }
}

function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) queueMicrotask(callback);
  signal.addEventListener("abort", callback, { once: true });
  return () => {
    signal.removeEventListener("abort", callback);
  };
}

function toReply({ status, headers, body }: HttpResponse): ApiReply {
  const parsed: unknown = typeof body === "string" && body !== "" ? JSON.parse(body) : {};
  return {
    status,
    header(name) {
      const index = headers.findIndex((each, at) => at % 2 === 0 && each.toLowerCase() === name);
      return index === -1 ? undefined : headers[index + 1];
    },
    body: isJsonObject(parsed) ? parsed : {},
  };
}
