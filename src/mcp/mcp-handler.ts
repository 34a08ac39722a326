import { createMcpHandler } from "@modelcontextprotocol/server";
import { DefinitionError } from "../core/errors.ts";
import { type Log, silentLog } from "../core/ports/log.ts";
import { authenticateRequest, authorizeCollection } from "../server/access/access.ts";
import { isPreflight, withCors } from "../server/access/cors.ts";
import { rejectCrossOriginWrites } from "../server/access/cross-origin.ts";
import type { Handler, HttpRequest, HttpResponse } from "../server/http/exchange.ts";
import { fetchHandler } from "../server/http/fetch.ts";
import type { Mount } from "../server/http/mount.ts";
import { problemResponse, SECURITY_HEADERS } from "../server/http/problems.ts";
import { pathPrefixOf } from "../server/http/public-url.ts";
import { hosts } from "./api.ts";
import type { McpApp } from "./call.ts";
import { createServerFactory } from "./server.ts";

/** Options of {@link mcpHandler}. */
export interface McpHandlerOptions {
  /** @default no log */
  readonly log?: Log;
}

/** Serves an app to agents over the Model Context Protocol, for hosts to mount. */
export interface McpHandler extends Mount {
  /** Ends open streams. Later requests are rejected. */
  readonly close: () => Promise<void>;
}

const PATH = "/mcp";

/**
 * Creates the handler of `POST /mcp`. It applies the same authentication, authorization, limits and origin rules as the API: each call
 * of an agent becomes requests to the app's own handler.
 *
 * @throws DefinitionError if the app does not have the option `mcp`, or two tools have the same name
 */
export function mcpHandler(app: McpApp, { log = silentLog }: McpHandlerOptions = {}): McpHandler {
  if (!app.options.operations) {
    throw new DefinitionError("mcpHandler: the app does not serve agents; pass `mcp: true` to createApp");
  }
  const sdk = createMcpHandler(createServerFactory(app), {
    maxRequestBodySize: app.options.maxBodyBytes,
    onerror: (error) => log.debug({ error }, "MCP request rejected"),
  });

  const respond = async (request: HttpRequest): Promise<HttpResponse> => {
    const { options } = app;
    const { method } = request;
    // A preflight has no credentials.
    if (options.cors !== undefined && isPreflight(request)) return { status: 204, headers: SECURITY_HEADERS };
    rejectCrossOriginWrites(request, options);
    const principal = await authenticateRequest(request, options);
    await authorizeCollection(principal, { method, type: "mcp" }, options);
    const body = method === "POST" ? await request.readBody(options.maxBodyBytes) : undefined;
    const gone = new AbortController();
    const stopListening = request.onGone(() => gone.abort());
    const incoming = toWebRequest(request, body, gone.signal);
    hosts.set(incoming, request.host);
    const response = await sdk.fetch(incoming);
    const streamed = toStream(response);
    if (streamed === undefined) stopListening();
    return {
      status: response.status,
      headers: [...[...response.headers].filter(([name]) => name !== "connection").flat(), ...SECURITY_HEADERS],
      body: streamed ?? (await response.text()),
    };
  };

  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const { cors, publicUrl, problemTypes } = app.options;
    let response: HttpResponse;
    try {
      response = await respond(request);
    } catch (error) {
      response = problemResponse(error, { path: pathPrefixOf(publicUrl) + request.path, problemTypes }, log);
    }
    return cors === undefined ? response : withCors(response, request, cors);
  };
  const handler: Handler = Object.assign(handle, { close: sdk.close });
  const { bodyMs } = app.options;
  return {
    handler,
    close: sdk.close,
    fetch: fetchHandler(handler, { bodyMs }),
    bodyMs,
    paths: [PATH],
    routes: [{ method: "*", path: PATH }],
  };
}

function toWebRequest(request: HttpRequest, body: Uint8Array | undefined, signal: AbortSignal): Request {
  const origin = request.origin() ?? "http://localhost";
  return new Request(origin + request.path, {
    method: request.method,
    headers: request.headers(),
    signal,
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
}

function toStream({ headers, body }: Response): AsyncIterable<string> | undefined {
  if (body === null || headers.get("content-type")?.startsWith("text/event-stream") !== true) return undefined;
  return body.pipeThrough(new TextDecoderStream());
}
