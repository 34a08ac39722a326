import { type Client, createClient } from "../client/client.ts";
import { camelCase } from "../core/definition/names.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import type { Authenticate } from "../server/access/access.ts";
import { firstOf } from "../server/credentials/first-of.ts";
import { fetchHandler } from "../server/http/fetch.ts";
import { type ServerOptions, serverOptions } from "../server/options.ts";
import type { Handler } from "../server/routing/handler.ts";
import { prometheusText } from "../telemetry/prometheus.ts";
import { checkTypes } from "./check-types.ts";
import { end, run, type Running } from "./running.ts";
import type { AppStartOptions } from "./start-options.ts";
import { type PartStatus, partsOf } from "./status.ts";

export interface AppOptions<Types extends readonly ResourceType[]> extends Partial<ServerOptions> {
  /** The resource types that the app serves and works. */
  readonly resources: Types;
}

/** A running or startable app. Its collections, such as `app.virtualMachines`, work inside the process as `createClient`'s do outside. */
export type App<Types extends readonly ResourceType[] = readonly ResourceType[]> = AppParts<Types> &
  Client<{ readonly "~types"?: Types }>;

export interface AppParts<Types extends readonly ResourceType[] = readonly ResourceType[]> {
  /** @internal carries the declared types to the typed client */
  readonly "~types"?: Types;
  readonly types: readonly ResourceType[];
  /** As declared; once started, with whom `start()` lets in. */
  readonly options: ServerOptions;
  /** Opens the store and the broker and runs the app. Resolves once requests are answered and work is claimed. */
  readonly start: (options: AppStartOptions) => Promise<void>;
  /** Answers what is held, lets running work finish or hands it back, and closes the store. Does nothing when not running. */
  readonly close: (options?: { readonly graceMs?: number }) => Promise<void>;
  /** Serves one request, for hosts that speak Web standards. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Serves one transport-neutral request: what the Node listener and the Fastify plugin mount.
   *
   * @throws AfootError `not-started` before start() and after close()
   */
  readonly handler: Handler;
  /** What the process measures, in the text format of Prometheus; empty before start() and after close(). */
  readonly metrics: () => Promise<string>;
  /** How each running part is, for readiness checks. */
  readonly status: () => Promise<readonly PartStatus[]>;
}

/**
 * Puts resource types together to an app. Pure: nothing is opened before `start()`.
 *
 * @throws DefinitionError for two types of one name or path
 */
export function createApp<const Types extends readonly ResourceType[]>({
  resources,
  ...given
}: AppOptions<Types>): App<Types> {
  checkTypes(resources);
  let options = serverOptions(given);
  let running: Running | undefined;
  let starting: Promise<Running> | undefined;

  const handler: Handler = Object.assign(
    (request: Parameters<Handler>[0]) => {
      if (running?.server === undefined) {
        throw new AfootError("not-started", "The app serves nothing yet; call app.start() first.");
      }
      return running.server.handler(request);
    },
    { close: async () => running?.server?.handler.close() },
  );

  const parts: AppParts<Types> = {
    types: resources,
    get options() {
      return options;
    },
    handler,
    fetch: fetchHandler(handler),
    async start(startOptions) {
      if (starting !== undefined) {
        throw new AfootError("started", "The app runs already; close() it before starting it again.");
      }
      options = { ...options, ...letIn(given.authenticate, startOptions.authenticate) };
      starting = run(resources, options, startOptions);
      try {
        running = await starting;
      } catch (error) {
        starting = undefined;
        throw error;
      }
    },
    async close({ graceMs = 10_000 } = {}) {
      const started = starting;
      starting = undefined;
      const ending = await started?.catch(() => undefined);
      if (ending === undefined) return;
      await end(ending, graceMs);
      running = undefined;
    },
    metrics: async () => (running === undefined ? "" : prometheusText(running.telemetry.metrics)),
    status: async () => {
      if (running === undefined) return [{ name: "app", ready: false, detail: "not started" }];
      if (starting === undefined) return [{ name: "app", ready: false, detail: "stopping" }];
      return partsOf(running);
    },
  };
  return withCollections(parts, resources, options.basePath);
}

/** The typed client over the app's own handler: what the process asks of itself is not asked who it is. */
function withCollections<Types extends readonly ResourceType[]>(
  parts: AppParts<Types>,
  types: Types,
  basePath: string,
): App<Types> {
  const fetch = fetchHandler(parts.handler, { trusted: true });
  const client = createClient(`http://localhost${basePath}`, { fetch });
  const collections = Object.fromEntries(
    types.map(({ path }) => [camelCase(path), Reflect.get(client, camelCase(path))]),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one collection for each type was put there just now
  return Object.assign(parts, collections) as App<Types>;
}

function letIn(own: Authenticate | undefined, others: Authenticate | undefined): Pick<ServerOptions, "authenticate"> {
  return { authenticate: own === undefined || others === undefined ? (own ?? others) : firstOf(own, others) };
}
