import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import {
  createTaskSessionFromClient,
  type ApplicationInputHandler,
  type RawClientDispatch,
  type TaskEnabledSession,
} from "@modelcontextprotocol/ext-tasks/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const INFO = { name: "test", version: "1.0.0" };
const CAPABILITIES = { elicitation: { form: {} }, extensions: { "io.modelcontextprotocol/tasks": {} } };
export const PROTOCOL_VERSION = "2026-07-28";

type Headers = Readonly<Record<string, string>>;

/** Connects the official client 2.x. @param capabilities what it declares: none by default */
export async function connectClient(origin: string, headers: Headers = {}, capabilities = {}): Promise<Client> {
  const client = new Client(INFO, { capabilities, versionNegotiation: { mode: { pin: PROTOCOL_VERSION } } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit: { headers: { ...headers } } }),
  );
  return client;
}

/** Connects the official client 1.x, which knows neither this protocol version nor its tasks. */
export async function connectOldClient(origin: string): Promise<OldClient> {
  const client = new OldClient(INFO);
  await client.connect(new OldTransport(new URL(`${origin}/mcp`)));
  return client;
}

/** A session of the official requester, and its client. */
export interface Requester extends AsyncDisposable {
  readonly session: TaskEnabledSession;
}

/** Connects the official requester of tasks. */
export async function connectRequester(
  origin: string,
  onInputRequest?: ApplicationInputHandler["handle"],
): Promise<Requester> {
  const client = await connectClient(origin, {}, CAPABILITIES);
  const session = createTaskSessionFromClient(client, {
    endpointId: "test",
    rawDispatch: rawDispatch(origin),
    v2RequestFraming: { protocolVersion: PROTOCOL_VERSION, clientInfo: INFO, clientCapabilities: CAPABILITIES },
    ...(onInputRequest === undefined ? {} : { onInputRequest }),
  });
  return {
    session,
    async [Symbol.asyncDispose]() {
      await session.close();
      await client.close();
    },
  };
}

type Dispatched = Awaited<ReturnType<RawClientDispatch>>;

interface RawReply {
  readonly result: Extract<Dispatched, { kind: "result" }>["result"];
  readonly error?: Extract<Dispatched, { kind: "error" }>["error"];
}

let lastId = 0;

/** Sends a JSON-RPC request over HTTP, as a host of the requester does. */
function rawDispatch(origin: string): RawClientDispatch {
  return async (request, { signal } = {}) => {
    const { method, params } = request as { method: string; params: { name?: string; taskId?: string } };
    const name = params.name ?? params.taskId;
    const response = await fetch(`${origin}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": PROTOCOL_VERSION,
        "mcp-method": method,
        ...(name === undefined ? {} : { "mcp-name": name }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: ++lastId, method, params }),
      ...(signal === undefined ? {} : { signal }),
    });
    const { result, error } = JSON.parse(await response.text()) as RawReply;
    return error === undefined ? { kind: "result", result } : { kind: "error", error };
  };
}
