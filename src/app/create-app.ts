import type { ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { silentLog } from "../core/ports/log.ts";
import type { Principal } from "../core/principal.ts";
import type { HttpResponse } from "../server/http/exchange.ts";
import { type Fetch, fetchHandler } from "../server/http/fetch.ts";
import type { Mount } from "../server/http/mount.ts";
import { problemResponse } from "../server/http/problems.ts";
import { pathPrefixOf } from "../server/http/public-url.ts";
import { openapiDocument } from "../server/openapi/document.ts";
import type { OpenApiDocument } from "../server/openapi/open-api.ts";
import { type ServerOptions, serverOptions } from "../server/options.ts";
import type { PartStatus } from "../server/pages/health-pages.ts";
import { createHealthPages, createPages, type HealthOptions, type PagesOptions } from "../server/pages/pages.ts";
import type { Handler } from "../server/routing/handler.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { prometheusText } from "../telemetry/prometheus.ts";
import type { MetricsOptions } from "../telemetry/registry.ts";
import { createInProcess, type InProcessClient, type PrincipalClient } from "./in-process.ts";
import { type CloseOptions, createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { linkTypes } from "./link-types.ts";
import { MetricsExports } from "./metrics-exports.ts";
import type { AppStartOptions } from "./start-options.ts";
import { partStatuses } from "./status.ts";

/** Options of {@link createApp}: the resource types, and those of the server. */
export interface AppOptions<Types extends readonly ResourceType[]> extends Partial<ServerOptions> {
  /** The resource types that the app serves and whose work it runs. */
  readonly resources: Types;
}

/**
 * An app. Its collections, such as `app.virtualMachines`, are a client inside the process, like those of `createClient`
 * outside. Their calls are not authenticated and have full access; see `as` and the option `owner`.
 */
export type App<Types extends readonly ResourceType[] = readonly ResourceType[]> = AppParts<Types> &
  InProcessClient<{ readonly "~types"?: Types }>;

export interface AppParts<Types extends readonly ResourceType[] = readonly ResourceType[]> {
  /** @internal carries the declared types to the typed client */
  readonly "~types"?: Types;
  readonly types: readonly ResourceType[];
  /**
   * Returns the collections for calls on behalf of a principal: `app.as({ id: "ann", owner: "team-1"
   * }).virtualMachines`. The principal is not authenticated, and has the access that it would have over HTTP: its own
   * resources, lists, idempotency keys and limits, and the decisions of `authorize`.
   *
   * Calls of `app.virtualMachines` without the option `owner` have full access, and a resource that they create has no
   * owner.
   *
   * @throws AfootError `invalid-principal`
   */
  readonly as: (principal: Principal) => PrincipalClient<{ readonly "~types"?: Types }>;
  /** The server options; after `start()` with its `authenticate`. */
  readonly options: ServerOptions;
  /** Opens the store and the broker and runs the app. Resolves once requests are served and work is claimed. */
  readonly start: (options: AppStartOptions) => Promise<void>;
  /**
   * Ends waiting requests, lets running work finish or hands it back, and closes the store. Does nothing if not
   * running; a second call waits for the first one.
   *
   * The signal of running work is aborted at once. Work that has not finished one second before the end of `graceMs` is
   * handed back and runs again, over its recorded steps.
   *
   * @throws DefinitionError for an invalid `graceMs`; nothing is closed then
   */
  readonly close: (options?: CloseOptions) => Promise<void>;
  /**
   * Serves one request, for hosts with the Fetch API. The second parameter is the `host` of `authenticate`: the host's
   * own request, such as a Hono context.
   */
  readonly fetch: Fetch;
  /**
   * Serves one transport-neutral request. The hosts of `afoot/hosts` and the Fastify plugin mount it. Before `start()`
   * and after `close()`, the response is 503.
   */
  readonly handler: Handler;
  /**
   * Returns the dashboard, the OpenAPI document and its reference, and `/metrics` on request, for hosts to mount.
   *
   * @throws DefinitionError for an invalid prefix
   */
  readonly pages: (options?: PagesOptions) => Mount;
  /** Returns `/livez` and `/readyz` for hosts to mount. @throws DefinitionError for an invalid prefix */
  readonly health: (options?: HealthOptions) => Mount;
  /** Returns the OpenAPI document of the API, whose paths start with the base path. */
  readonly openapi: () => OpenApiDocument;
  readonly metrics: AppMetrics;
  /** Returns the status of each running part, for readiness checks. */
  readonly status: () => Promise<readonly PartStatus[]>;
}

export interface AppMetrics {
  /** Returns the metrics of the process in the text format of Prometheus; empty before start() and after close(). */
  (): Promise<string>;
  /**
   * Adds the metrics of the app to the application's own registry of prom-client, from `start()` to `close()`. They are
   * shown wherever the application shows the registry.
   *
   * @throws DefinitionError, here or at the start, if another app in the registry has the same labels
   */
  (options: MetricsOptions): void;
}

/**
 * Creates an app from resource types. Nothing is opened before `start()`.
 *
 * @throws DefinitionError for two types with the same name or path
 */
export function createApp<const Types extends readonly ResourceType[]>({
  resources: declared,
  ...given
}: AppOptions<Types>): App<Types> {
  const serving = serverOptions(given);
  const resources = linkTypes(declared, serving);
  const lifecycle = createLifecycle(resources, serving);
  const handler: Handler = Object.assign(
    (request: Parameters<Handler>[0]) => {
      const server = lifecycle.running?.server;
      return server === undefined ? notStarted(request, lifecycle.options) : server.handler(request);
    },
    { close: async () => lifecycle.running?.server?.handler.close() },
  );
  const exports = new MetricsExports();
  const inProcess = createInProcess(handler, resources, lifecycle.options.basePath);
  const parts: AppParts<Types> = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one collection for each type
    as: (principal) => inProcess.as(principal) as PrincipalClient<{ readonly "~types"?: Types }>,
    types: resources,
    get options() {
      return lifecycle.options;
    },
    handler,
    fetch: fetchHandler(handler),
    async start(options) {
      await lifecycle.start(options);
      try {
        if (lifecycle.running !== undefined) exports.begin(lifecycle.running.telemetry.metrics);
      } catch (error) {
        await lifecycle.close();
        throw error;
      }
    },
    async close(options) {
      await lifecycle.close(options);
      exports.end();
    },
    metrics: createMetrics(lifecycle, exports),
    pages: (options) => createPages(parts, options),
    health: (options) => createHealthPages(parts, options),
    openapi: () => openapiDocument(parts),
    status: async () => {
      const { running, isStopping } = lifecycle;
      if (running === undefined) return [{ name: "app", ready: false, detail: "not started" }];
      if (isStopping) return [{ name: "app", ready: false, detail: "stopping" }];
      return partStatuses(running);
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one collection for each type was added
  return Object.assign(parts, inProcess.collections) as App<Types>;
}

function createMetrics(lifecycle: Lifecycle, exports: MetricsExports): AppMetrics {
  const readText = async (metrics: Metrics | undefined): Promise<string> =>
    metrics === undefined ? "" : prometheusText(metrics);
  function metrics(): Promise<string>;
  function metrics(options: MetricsOptions): void;
  function metrics(options?: MetricsOptions): Promise<string> | void {
    const running = lifecycle.running?.telemetry.metrics;
    if (options === undefined) return readText(running);
    exports.add(options, running);
    return undefined;
  }
  return metrics;
}

/** Responds with 503. @throws AfootError `not-started` to a call inside the process, which would repeat the request */
function notStarted(
  { path, trusted }: Parameters<Handler>[0],
  { publicUrl, problemTypes }: ServerOptions,
): HttpResponse {
  const error = new AfootError("not-started", "The app is not started. Call app.start() first.");
  if (trusted === true) throw error;
  return problemResponse(error, { path: pathPrefixOf(publicUrl) + path, problemTypes }, silentLog);
}
