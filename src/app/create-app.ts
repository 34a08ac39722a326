import { localBroker } from "../brokers/local/index.ts";
import { type Client, createClient } from "../client/client.ts";
import type { Broker } from "../core/broker.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { AfootError, DefinitionError } from "../core/errors.ts";
import { type Log, silentLog } from "../core/log.ts";
import { camelCase } from "../core/names.ts";
import type { ResourceType } from "../core/resource-type.ts";
import type { Store } from "../core/store.ts";
import type { Authenticate } from "../server/access.ts";
import { firstOf } from "../server/credentials/first-of.ts";
import type { Handler } from "../server/handler.ts";
import { fetchHandler } from "../server/http/fetch.ts";
import { type ServerOptions, serverOptions } from "../server/options.ts";
import { createServer, policiesOf } from "../server/server.ts";
import { undeclaredTypes } from "../server/undeclared-types.ts";
import { createWorker, type IsolationOptions } from "../worker/index.ts";
import { checkTypes } from "./check-types.ts";
import type { Running } from "./running.ts";
import { sharingNews } from "./share-news.ts";
import { type PartStatus, partsOf } from "./status.ts";

export interface AppOptions<Types extends readonly ResourceType[]> extends Partial<ServerOptions> {
  /** The resource types that the app serves and works. */
  readonly resources: Types;
}

export interface AppStartOptions {
  /** What keeps everything. A worker whose broker leads to servers elsewhere, such as `natsBroker()`, opens none. */
  readonly store?: Store;
  /** @default a broker inside this process */
  readonly broker?: Broker;
  /** What this process does: answer requests, run work, or both. @default "all" */
  readonly role?: "all" | "server" | "worker";
  /** @default says nothing */
  readonly log?: Log;
  /** @default the machine's */
  readonly clock?: Clock;
  /** Who else is let in, beside those whom the app's own `authenticate` knows. @default nobody */
  readonly authenticate?: Authenticate;
  /** How work runs in a process of its own: needs the URL of the module whose default export is this app. @default in this process */
  readonly isolation?: IsolationOptions;
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
      const ending = await starting?.catch(() => undefined);
      starting = undefined;
      if (ending === undefined) return;
      await end(ending, graceMs);
      running = undefined;
    },
    status: async () =>
      running === undefined ? [{ name: "app", ready: false, detail: "not started" }] : partsOf(running),
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

async function run(types: readonly ResourceType[], options: ServerOptions, started: AppStartOptions): Promise<Running> {
  const { role = "all", log = silentLog, clock = systemClock, isolation } = started;
  const broker = brokerOf(started);
  const store = storeOf(started, broker);
  await store?.open({
    policies: policiesOf(types),
    at: clock.now(),
    onFatal: (error) => {
      log.error(
        { error },
        "the store cannot promise what it must; ending the process, a restart goes on from what is on disk",
      );
      // oxlint-disable-next-line unicorn/no-process-exit -- going on would be to guess what is on disk
      process.exit(70);
    },
  });
  try {
    await broker.open({ log, clock });
    const server =
      store === undefined
        ? undefined
        : createServer({ types, undeclared: await undeclaredTypes(store, types), store, broker, clock, log, options });
    const worker =
      role === "server"
        ? undefined
        : createWorker({ types, broker, clock, log, ...(isolation === undefined ? {} : { isolation }) });
    await server?.start();
    await worker?.start();
    await broker.subscribed?.();
    return { types, store, broker, server, worker };
  } catch (error) {
    await broker.close();
    await store?.close();
    throw error;
  }
}

/** A broker that ends at this process is joined to those of the other processes by a store that they share. */
function brokerOf({ store, broker = localBroker() }: AppStartOptions): Broker {
  return store?.sharing === undefined || broker.isShared === true ? broker : sharingNews(broker, store.sharing);
}

/** A worker whose broker leads to servers elsewhere needs no store, and gets none. */
function storeOf({ store, role }: AppStartOptions, { isShared }: Broker): Store | undefined {
  if (role === "worker" && isShared === true) return undefined;
  if (store !== undefined) return store;
  throw new DefinitionError(
    "app.start: store: give one, such as sqliteStore(); only a worker with a broker that servers elsewhere share needs none",
  );
}

/** The worker first, while a server is there to record what it ends with. */
async function end({ server, worker, broker, store }: Running, graceMs: number): Promise<void> {
  await server?.handler.close();
  await worker?.stop({ graceMs });
  await server?.stop();
  await broker.close();
  await store?.close();
}
