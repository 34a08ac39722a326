import { localBroker } from "../brokers/local/index.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { DefinitionError } from "../core/errors.ts";
import type { Broker } from "../core/ports/broker.ts";
import { silentLog } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import { systemClock } from "../core/scheduling/clock.ts";
import type { ServerOptions } from "../server/options.ts";
import { createServer, policiesOf, type Server } from "../server/server.ts";
import { undeclaredTypes } from "../server/storage/undeclared-types.ts";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { createWorker, type Worker } from "../worker/index.ts";
import { bridgeNotifications } from "./bridge-notifications.ts";
import type { AppStartOptions } from "./start-options.ts";

/** The parts that `start()` has started. */
export interface Running {
  readonly types: readonly ResourceType[];
  /** Undefined in a worker without a server. */
  readonly store: Store | undefined;
  readonly broker: Broker;
  readonly server: Server | undefined;
  readonly worker: Worker | undefined;
  readonly telemetry: Telemetry;
}

/** Opens store and broker, and starts server and worker. */
export async function startRunning(
  types: readonly ResourceType[],
  options: ServerOptions,
  started: AppStartOptions,
): Promise<Running> {
  const { role = "all", log = silentLog, clock = systemClock, isolation } = started;
  const telemetry = createTelemetry();
  const broker = brokerOf(started);
  const store = storeOf(started, broker);
  await store?.open({
    policies: policiesOf(types),
    at: clock.now(),
    onFatal: (error) => {
      log.error(
        { error },
        "the store can no longer guarantee durability; ending the process, a restart continues from the data on disk",
      );
      // oxlint-disable-next-line unicorn/no-process-exit -- to continue would be to guess the data on disk
      process.exit(70);
    },
  });
  try {
    await broker.open({ log, clock });
    const server =
      store === undefined
        ? undefined
        : createServer({
            types,
            undeclared: await undeclaredTypes(store, types),
            store,
            broker,
            clock,
            log,
            options,
            telemetry,
          });
    const worker =
      role === "server"
        ? undefined
        : createWorker({ types, broker, clock, log, telemetry, ...(isolation === undefined ? {} : { isolation }) });
    await server?.start();
    await worker?.start();
    await broker.subscribed?.();
    return { types, store, broker, server, worker, telemetry };
  } catch (error) {
    await broker.close();
    await store?.close();
    throw error;
  }
}

/** Connects a broker of one process to the other processes, through the store that they share. */
function brokerOf({ store, broker = localBroker() }: AppStartOptions): Broker {
  return store?.sharing === undefined || broker.isShared === true ? broker : bridgeNotifications(broker, store.sharing);
}

/** Returns the store, or undefined for a worker whose broker reaches servers of other processes. */
function storeOf({ store, role }: AppStartOptions, { isShared }: Broker): Store | undefined {
  if (role === "worker" && isShared === true) return undefined;
  if (store !== undefined) return store;
  throw new DefinitionError(
    "app.start: store: it is missing. Pass one, such as sqliteStore(). Only a worker with a broker that reaches other processes needs none.",
  );
}

/** Stops the worker first, while the server can still record its results. */
export async function stopRunning(
  { server, worker, broker, store, telemetry }: Running,
  graceMs: number,
): Promise<void> {
  await server?.handler.close();
  await worker?.stop({ graceMs });
  await server?.stop();
  await broker.close();
  await store?.close();
  telemetry.metrics.close();
}
