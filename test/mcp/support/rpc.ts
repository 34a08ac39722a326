import { PROTOCOL_VERSION } from "./clients.ts";

const TASKS = "io.modelcontextprotocol/tasks";
/** Capabilities of a client that follows tasks and shows forms. */
export const FULL = { elicitation: {}, extensions: { [TASKS]: {} } };

export interface Rpc {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default none */
  readonly capabilities?: object;
  /** Further fields of `_meta`. */
  readonly meta?: object;
}

/** The fields of results that tests read. Each method returns some of them. */
export interface RpcResult {
  readonly resultType: string;
  readonly content: readonly { readonly text: string }[];
  readonly isError?: boolean;
  readonly structuredContent: {
    readonly id: string;
    readonly status: string;
    readonly configuration: { readonly holder: string };
    readonly number: string;
    readonly answers: readonly string[];
    readonly error: { readonly code: string; readonly retryAfter: number };
  };
  readonly taskId: string;
  readonly status: string;
  readonly statusMessage: string;
  readonly pollIntervalMs: number;
  readonly result: RpcResult;
  readonly inputRequests: Readonly<
    Record<string, { readonly params: { readonly requestedSchema: { readonly properties: object } } }>
  >;
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: { readonly properties: Readonly<Record<string, { readonly description?: string }>> };
    readonly outputSchema?: object;
    readonly annotations: { readonly readOnlyHint: boolean; readonly destructiveHint: boolean };
  }[];
  readonly resourceTemplates: readonly { readonly uriTemplate: string }[];
  readonly instructions: string;
  readonly ttlMs: number;
  readonly cacheScope: string;
}

export interface RpcReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly result: RpcResult;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } | undefined;
}

/** Returns one request as every client of this protocol version sends it. */
function rpcRequest(url: string, { method, params = {}, headers = {}, capabilities = {}, meta }: Rpc): Request {
  const name = params["name"] ?? params["taskId"] ?? params["uri"];
  const body = {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": capabilities,
        ...meta,
      },
    },
  };
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": PROTOCOL_VERSION,
      "mcp-method": method,
      ...(typeof name === "string" ? { "mcp-name": name } : {}),
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

/** Sends a request and reads its response. */
export async function rpc(send: (request: Request) => Promise<Response>, url: string, call: Rpc): Promise<RpcReply> {
  const response = await send(rpcRequest(url, call));
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const last = isStream ? (text.trim().split("\n").at(-1) ?? "").replace(/^data: ?/, "") : text;
  const { result, error } = JSON.parse(last.startsWith("{") ? last : "{}") as RpcReply;
  return { status: response.status, headers: response.headers, text, result, error };
}
