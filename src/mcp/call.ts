import {
  CLIENT_CAPABILITIES_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { isJsonObject } from "../core/json/json.ts";
import type { Handler } from "../server/http/exchange.ts";
import type { ServerOptions } from "../server/options.ts";
import { type CallApi, createCallApi } from "./api.ts";
import { TASKS_EXTENSION } from "./tasks/extension.ts";

/** One request of an agent. */
export interface Call {
  readonly api: CallApi;
  readonly options: ServerOptions;
  /** True if the client can follow tasks. */
  readonly supportsTasks: boolean;
  /** True if the client can show forms to its user. */
  readonly supportsForms: boolean;
  /** Responses to forms by key. Not validated. */
  readonly inputResponses: Readonly<Record<string, unknown>>;
  /** `Idempotency-Key` that the client chose. */
  readonly idempotencyKey: string | undefined;
  /** Maximum time to wait for the end of an operation, for clients that cannot follow tasks. */
  readonly waitMs: number;
  /** Informs a client that waits about a resource in progress, if the client asked for it. */
  readonly notify: (shown: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Name of the field of `_meta` with the idempotency key of a call. */
const IDEMPOTENCY_KEY = "dev.afoot/idempotency-key";

const DEFAULT_WAIT_MS = 20_000;

/** The part of an app of `createApp` that agents use. */
export interface McpApp {
  readonly types: readonly ResourceType[];
  readonly options: ServerOptions;
  readonly handler: Handler;
}

export function createCall(
  { handler, options }: McpApp,
  { mcpReq }: ServerContext,
  request: Request | undefined,
): Call {
  if (request === undefined) throw new ProtocolError(ProtocolErrorCode.InternalError, "Only HTTP is supported.");
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY];
  const capabilities = isJsonObject(declared) ? declared : {};
  const { extensions, elicitation } = capabilities;
  const { _meta: meta } = mcpReq;
  const key = meta?.[IDEMPOTENCY_KEY];
  const { mcp } = options;
  return {
    api: createCallApi({ handler, basePath: options.basePath }, request),
    options,
    supportsTasks: isJsonObject(extensions) && extensions[TASKS_EXTENSION] !== undefined,
    // A client that declares no mode supports forms.
    supportsForms: isJsonObject(elicitation) && (elicitation["form"] !== undefined || elicitation["url"] === undefined),
    inputResponses: mcpReq.inputResponses ?? {},
    idempotencyKey: typeof key === "string" ? key : undefined,
    notify: createNotify(mcpReq),
    waitMs: (typeof mcp === "object" ? mcp.waitMs : undefined) ?? DEFAULT_WAIT_MS,
  };
}

/** Returns a function that sends progress notifications. Their progress must grow, so states without progress are not sent. */
function createNotify({ _meta, notify }: ServerContext["mcpReq"]): Call["notify"] {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return async () => {};
  let sent = -1;
  return async ({ progress, status }) => {
    const percent = percentOf(progress);
    if (percent <= sent) return;
    sent = percent;
    const params = { progressToken, progress: percent, total: 100, message: String(status) };
    await notify({ method: "notifications/progress", params });
  };
}

/** Returns the percent of a progress in either format: `"50%"` or 0.5. */
function percentOf(progress: unknown): number {
  if (typeof progress === "number") return progress * 100;
  return typeof progress === "string" ? Number(progress.replace("%", "")) : 0;
}
