import { DefinitionError } from "../core/errors.ts";
import type { Inlet } from "../core/ports/inlet.ts";
import { DEFAULT_PROBLEM_TYPES } from "../core/problem.ts";
import type { AccessOptions } from "./access/access.ts";
import type { CorsOptions } from "./access/cors.ts";
import { parsePublicUrl } from "./http/public-url.ts";
import { checkOpenApiOptions, type OpenApiOptions } from "./openapi-options.ts";
import { DEFAULT_RETENTION, type Retention } from "./storage/purger.ts";
import { checkWebhookOptions, type WebhookOptions } from "./webhooks/options.ts";

/** Options of the HTTP API. */
export interface ServerOptions extends AccessOptions {
  /** Path prefix of all resources. @default "/api" */
  readonly basePath: string;
  /**
   * URL under which clients reach the server, such as `https://api.example.com/svc`. Its path is the prefix that a
   * proxy removes from requests: all links contain it. @default the scheme and host of the request, without a prefix
   */
  readonly publicUrl?: string | undefined;
  /** Maximum size of a request body. @default 262144, 256 kB */
  readonly maxBodyBytes: number;
  /** Maximum nesting depth of objects and arrays in a body. @default 64 */
  readonly maxDepth: number;
  /** Maximum time for a body to arrive. @default 30000 */
  readonly bodyMs: number;
  /** Maximum duration of long polling by `Prefer: wait`. @default 60000 */
  readonly waitMs: number;
  /** Maximum number of waiting requests: long polls and event streams. Further requests do not wait. @default 50000 */
  readonly maxLongPolls: number;
  /** Maximum number of waiting requests per principal. @default 1000 */
  readonly maxLongPollsPerPrincipal: number;
  /** Maximum number of resources in progress per owner; further ones are rejected with 429. @default 10000 */
  readonly maxInProgressPerPrincipal: number;
  /** Maximum number of status messages in one request. @default 500 */
  readonly maxMessages: number;
  /** Interval at which waiting requests re-read their resource, in case a change notice was lost. @default 5000 */
  readonly recheckMs: number;
  /**
   * Maximum time to commit a write, and maximum lag of the event loop, before load shedding starts. The server then
   * responds with 503 and `Retry-After` to writes that it could not commit in this time, and to requests that want to
   * wait. At four times the lag, it does so to other requests too. @default 250
   */
  readonly queueMs: number;
  /** Interval between the heartbeats of an event stream. @default 15000 */
  readonly heartbeatMs: number;
  /** Serves operations under `operations/{id}` and names them in `Operation-Location`. @default false */
  readonly operations: boolean;
  /**
   * Accepts status messages of external processes at `POST messages`. If requests are authenticated, `authorize` must
   * return true for the type `message`. @default false
   */
  readonly messages: boolean;
  /**
   * Sources of status messages of external processes, such as `amqpInlet()`. Servers consume them; workers do not.
   *
   * @default none
   */
  readonly inlets: readonly Inlet[];
  /**
   * Serves workers of any language at `POST worker/claim` and so on. If requests are authenticated, `authorize` must
   * return true for the type `worker`: workers read the configurations and decide the outcome of all resources.
   * @default false
   */
  readonly worker: boolean;
  /**
   * Serves the API of the dashboard of `afoot start` under `dashboard/`. A principal sees its own resources, and all
   * others that `authorize` allows. It sees statistics if `authorize` returns true for the type `dashboard`.
   *
   * @default true
   */
  readonly dashboard: boolean;
  /** Requires `If-Match` for PATCH, DELETE and PUT of an existing resource. @default false */
  readonly preconditionRequired: boolean;
  /**
   * Serves agents over the Model Context Protocol at `POST /mcp`. It needs the package `@modelcontextprotocol/server`, and implies
   * `operations`. `afoot start` mounts it; any other host mounts `mcpHandler` of `afoot/mcp`.
   *
   * @default false
   */
  readonly mcp: boolean | McpOptions;
  /**
   * Prefix of the `type` of all problems and errors of resources; their code is appended. Set it to the URL of your pages
   * about errors, such as `https://docs.example.com/errors/`. @default "urn:afoot:problem:"
   */
  readonly problemTypes: string;
  /** The `info` of the OpenAPI document: title, version, contact, license. */
  readonly openapi?: OpenApiOptions | undefined;
  /** Other origins whose pages may use the API from a browser. @default none */
  readonly cors?: CorsOptions | undefined;
  /** Requests to other servers when an operation is settled, by Standard Webhooks. @default none */
  readonly webhooks?: WebhookOptions | undefined;
  /** Logs every response: method, path, status and duration. Never a header or a body. @default false */
  readonly requestLog: boolean;
  /** Retention times of deleted resources, history and idempotency keys. */
  readonly retention: Retention;
}

/** Options of the server for agents. */
export interface McpOptions {
  /** Maximum time for which a call of a client without tasks waits for the end of an operation. @default 20000 */
  readonly waitMs?: number;
  /** Text about the app for agents. @default a guide to following resources */
  readonly instructions?: string;
}

const DEFAULTS: ServerOptions = {
  basePath: "/api",
  maxBodyBytes: 262_144,
  maxDepth: 64,
  bodyMs: 30_000,
  waitMs: 60_000,
  maxLongPolls: 50_000,
  maxLongPollsPerPrincipal: 1000,
  maxInProgressPerPrincipal: 10_000,
  maxMessages: 500,
  recheckMs: 5000,
  queueMs: 250,
  heartbeatMs: 15_000,
  operations: false,
  messages: false,
  inlets: [],
  worker: false,
  dashboard: true,
  mcp: false,
  preconditionRequired: false,
  problemTypes: DEFAULT_PROBLEM_TYPES,
  requestLog: false,
  retention: DEFAULT_RETENTION,
};

const NUMBERS = [
  "maxBodyBytes",
  "maxDepth",
  "bodyMs",
  "waitMs",
  "maxLongPolls",
  "maxLongPollsPerPrincipal",
  "maxInProgressPerPrincipal",
  "maxMessages",
  "recheckMs",
  "queueMs",
  "heartbeatMs",
] as const satisfies (keyof ServerOptions)[];

/**
 * Fills in the defaults.
 *
 * @throws DefinitionError if the base path, a number, an origin or the public URL is invalid
 */
export function serverOptions(given: Partial<ServerOptions> = {}): ServerOptions {
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options: ServerOptions = { ...DEFAULTS, ...defined };
  if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(options.basePath)) {
    throw new DefinitionError(
      `basePath: ${JSON.stringify(options.basePath)} is invalid; start it with a slash and end it without, such as "/api"`,
    );
  }
  for (const name of NUMBERS) {
    if (!Number.isFinite(options[name]) || options[name] <= 0) {
      throw new DefinitionError(`${name}: ${String(options[name])} is not a number above zero`);
    }
  }
  const { cors, openapi, publicUrl, problemTypes, mcp, webhooks } = options;
  const waitMs = typeof mcp === "object" ? mcp.waitMs : undefined;
  if (waitMs !== undefined && (!Number.isFinite(waitMs) || waitMs < 0)) {
    throw new DefinitionError(`mcp.waitMs: ${String(waitMs)} is not a number of milliseconds, zero or more`);
  }
  checkProblemTypes(problemTypes);
  if (openapi !== undefined) checkOpenApiOptions(openapi);
  if (webhooks !== undefined) checkWebhookOptions(webhooks);
  return {
    ...options,
    operations: options.operations || mcp !== false,
    ...(publicUrl === undefined ? {} : { publicUrl: parsePublicUrl(publicUrl, "publicUrl") }),
    ...(cors === undefined || cors.origins === "*"
      ? {}
      : { cors: { ...cors, origins: cors.origins.map((origin) => originOf(origin, "cors.origins")) } }),
  };
}

/** Accepts an http or https URL that ends a segment, so that the code is a segment, fragment or parameter of its own. */
function checkProblemTypes(text: string): void {
  const url = URL.parse(text);
  if (url !== null && /^https?:.*[/#=]$/.test(text) && !/\s/.test(text)) return;
  if (url !== null && /^urn:[a-z0-9][a-z0-9-]{0,31}:(?:\S*:)?$/i.test(text)) return;
  throw new DefinitionError(
    `problemTypes: ${JSON.stringify(text)} is not a prefix of URLs; give an http or https URL that ends with a slash, such as "https://docs.example.com/errors/"`,
  );
}

function originOf(text: string, option: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "") return url.origin;
  throw new DefinitionError(
    `${option}: ${JSON.stringify(text)} is not an http or https origin, such as "https://api.example.com"`,
  );
}
