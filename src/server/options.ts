import { DefinitionError } from "../core/errors.ts";
import type { AccessOptions } from "./access/access.ts";
import type { CorsOptions } from "./access/cors.ts";
import type { OpenApiInfo } from "./openapi/open-api.ts";
import { DEFAULT_RETENTION, type Retention } from "./storage/purger.ts";

/** How an app answers HTTP. */
export interface ServerOptions extends AccessOptions {
  /** The path under which all resources stand. @default "/api" */
  readonly basePath: string;
  /** Scheme and authority of absolute URLs. @default what the request came by */
  readonly publicUrl?: string | undefined;
  /** The longest body accepted. @default 262144, 256 kB */
  readonly maxBodyBytes: number;
  /** How deep objects and arrays of a body may be nested. @default 64 */
  readonly maxDepth: number;
  /** How long a body may take to arrive. @default 30000 */
  readonly bodyMs: number;
  /** The longest time a request is held by `Prefer: wait`. @default 60000 */
  readonly waitMs: number;
  /** How many requests may be held at once; more are answered at once, which a preference allows. @default 50000 */
  readonly maxLongPolls: number;
  /** How many of them one principal may have. @default 1000 */
  readonly maxLongPollsPerPrincipal: number;
  /** How many resources that belong to one principal may be in progress; more are refused with 429. @default 10000 */
  readonly maxInProgressPerPrincipal: number;
  /** How many status messages one request may carry. @default 500 */
  readonly maxMessages: number;
  /** How often held requests look for themselves, in case a notice was lost. @default 5000 */
  readonly recheckMs: number;
  /**
   * How long writes may take to be committed, and the event loop be late, before the server is overloaded: it then answers 503 with
   * `Retry-After` to writes that it could not commit in this time, and to requests that want to be held; to others at four times
   * of it. @default 250
   */
  readonly queueMs: number;
  /** How often an event stream says that it is alive. @default 15000 */
  readonly heartbeatMs: number;
  /** Serves operations under `operations/{id}` and names them in `Operation-Location`. @default false */
  readonly operations: boolean;
  /**
   * Takes status messages of outside processes at `POST messages`. Where requests are authenticated, only from those to whom
   * `authorize` says true for the type `message`. @default false
   */
  readonly messages: boolean;
  /**
   * Answers workers of any language at `POST worker/claim` and so on. Where requests are authenticated, only those to whom
   * `authorize` says true for the type `worker`: they see the configurations and decide the outcome of all resources. @default false
   */
  readonly worker: boolean;
  /**
   * Serves what the page of `afoot start` at `/dashboard` shows, under `dashboard/`, by the same rules as everything else: to a
   * principal its own resources; all that `authorize` allows, and statistics, where it says true for the type `dashboard`.
   *
   * @default true
   */
  readonly dashboard: boolean;
  /** PUT over an existing resource, PATCH and DELETE need `If-Match`. @default false */
  readonly preconditionRequired: boolean;
  /** What the OpenAPI document says of the API itself: title, version, contact, licence. */
  readonly openapi?: Partial<OpenApiInfo> | undefined;
  /** Which pages of other origins may use the API from a browser. @default none */
  readonly cors?: CorsOptions | undefined;
  /** Logs every answer: method, path, status, how long it took. Never a header or a body. @default false */
  readonly requestLog: boolean;
  /** How long what is over is kept. */
  readonly retention: Retention;
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
  worker: false,
  dashboard: true,
  preconditionRequired: false,
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
 * @throws DefinitionError for a base path that is none, a number that is none above zero, a public URL that is not one
 */
export function serverOptions(given: Partial<ServerOptions> = {}): ServerOptions {
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options: ServerOptions = { ...DEFAULTS, ...defined };
  if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(options.basePath)) {
    throw new DefinitionError(
      `basePath: ${JSON.stringify(options.basePath)} is not one; begin with a slash and end without, such as "/api"`,
    );
  }
  for (const name of NUMBERS) {
    if (!Number.isFinite(options[name]) || options[name] <= 0) {
      throw new DefinitionError(`${name}: ${String(options[name])} is not a number above zero`);
    }
  }
  const { cors, publicUrl } = options;
  return {
    ...options,
    ...(publicUrl === undefined ? {} : { publicUrl: originOf(publicUrl, "publicUrl") }),
    ...(cors === undefined || cors.origins === "*"
      ? {}
      : { cors: { ...cors, origins: cors.origins.map((origin) => originOf(origin, "cors.origins")) } }),
  };
}

function originOf(text: string, option: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "") return url.origin;
  throw new DefinitionError(
    `${option}: ${JSON.stringify(text)} is not an http or https origin, such as "https://api.example.com"`,
  );
}
