import { localBroker } from "../brokers/local/index.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { DefinitionError } from "../core/errors.ts";
import { policiesOf } from "../core/policy.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { OpenInlet } from "../core/ports/inlet.ts";
import { fromPino, type Log, silentLog } from "../core/ports/log.ts";
import type { Store, StoreOpenOptions } from "../core/ports/store.ts";
import { type Clock, systemClock } from "../core/scheduling/clock.ts";
import { steadyClock } from "../core/scheduling/steady-clock.ts";
import type { ServerOptions } from "../server/options.ts";
import { createServer, type Server } from "../server/server.ts";
import { undeclaredTypes } from "../server/storage/undeclared-types.ts";
import { withDeliveries } from "../server/webhooks/delivery-type.ts";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { createWorker, type Worker } from "../worker/index.ts";
import { bridgeNotifications } from "./bridge-notifications.ts";
import { type ClockFollower, followClock, logClockStep } from "./clock-follower.ts";
import { inletsOf, openInlets } from "./inlets.ts";
import type { AppStartOptions } from "./start-options.ts";
import { createWriteCheck, type WriteCheck } from "./write-check.ts";

/** The parts that `start()` has started. */
export interface Running {
  readonly types: readonly ResourceType[];
  /** Undefined in a worker without a server. */
  readonly store: Store | undefined;
  readonly broker: Broker;
  readonly server: Server | undefined;
  readonly worker: Worker | undefined;
  readonly inlets: readonly OpenInlet[];
  readonly telemetry: Telemetry;
  /** Undefined without a store. */
  readonly checkWritable: WriteCheck | undefined;
  /** Undefined without a store, and if the clock was passed in. */
  readonly follower: ClockFollower | undefined;
}

/** Opens store and broker, and starts server and worker. */
export async function startRunning(
  declared: readonly ResourceType[],
  options: ServerOptions,
  started: AppStartOptions,
): Promise<Running> {
  const { role = "all", isolation, logger } = started;
  const { log = logger === undefined ? silentLog : fromPino(logger) } = started;
  const steady = steadyClock(systemClock);
  // A clock that is passed in, as by tests, is used as it is.
  const { clock = steady } = started;
  const types = withDeliveries(declared, { options, clock, log });
  const telemetry = createTelemetry();
  const broker = brokerOf(started);
  const opened = storeOf(started, broker);
  const declaredInlets = inletsOf(types, options, started);
  await opened?.open(openOptions(types, clock, log));
  const { follower, store = opened } =
    opened === undefined || clock !== steady ? {} : followClock({ store: opened, clock: steady, log });
  try {
    await follower?.start();
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
    const checkWritable = store === undefined ? undefined : createWriteCheck(store, clock);
    // The last step: an inlet that is open delivers messages.
    const inlets = server === undefined ? [] : await openInlets(declaredInlets, { server, options, log, clock });
    return { types, store, broker, server, worker, inlets, telemetry, checkWritable, follower };
  } catch (error) {
    await follower?.stop();
    await broker.close();
    await store?.close();
    throw error;
  }
}

function openOptions(types: readonly ResourceType[], clock: Clock, log: Log): StoreOpenOptions {
  return {
    policies: policiesOf(types),
    at: clock.now(),
    onClockStep: (byMs) => logClockStep(log, byMs),
    onDiskFull: (isFull) => {
      log[isFull ? "error" : "info"]({}, isFull ? DISK_FULL : "the disk of the store has room again; accepting writes");
    },
    onWarning: (message) => log.warn({}, message),
    onFatal: (error) => {
      log.error(
        { error },
        "the store can no longer guarantee durability; ending the process, a restart continues from the data on disk",
      );
      // oxlint-disable-next-line unicorn/no-process-exit -- to continue would be to guess the data on disk
      process.exit(70);
    },
  };
}

const DISK_FULL =
  "the disk of the store is full: reads and deletes go on, other writes are refused until there is room; free disk space";

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

/**
 * Stops the worker while the server can still record its results. Requests in flight end beside it: waiting for them
 * first would shorten the grace period of the work.
 */
export async function stopRunning(
  { server, worker, inlets, broker, store, telemetry, follower }: Running,
  graceMs: number,
): Promise<void> {
  const stopping = inlets.map((inlet) => inlet.close());
  await Promise.all([worker?.stop({ graceMs }), server?.handler.close(), ...stopping]);
  await server?.stop();
  await broker.close();
  await follower?.stop();
  await store?.close();
  telemetry.metrics.close();
}
