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
import { sharingNews } from "./bridge-notifications.ts";
import type { AppStartOptions } from "./start-options.ts";

/** What start() has set going. */
export interface Running {
  readonly types: readonly ResourceType[];
  /** A worker apart from its servers has none. */
  readonly store: Store | undefined;
  readonly broker: Broker;
  readonly server: Server | undefined;
  readonly worker: Worker | undefined;
  readonly telemetry: Telemetry;
}

/** Opens what there is to open and sets it going. */
export async function run(
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
export async function end({ server, worker, broker, store, telemetry }: Running, graceMs: number): Promise<void> {
  await server?.handler.close();
  await worker?.stop({ graceMs });
  await server?.stop();
  await broker.close();
  await store?.close();
  telemetry.metrics.close();
}
