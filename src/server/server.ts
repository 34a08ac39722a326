import type { ResourceType } from "../core/definition/resource-type.ts";
import type { Policies } from "../core/policy.ts";
import type { Broker, Unsubscribe } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import type { Resource } from "../core/resource.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { createExternalProcesses } from "./external/external.ts";
import { createObserving } from "./observing/observing.ts";
import { createObservePoller } from "./observing/poller.ts";
import type { ServerOptions } from "./options.ts";
import { createMonitoredAdmission } from "./overload/admission.ts";
import { createHandler, type Handler } from "./routing/handler.ts";
import { createCommit } from "./storage/commit.ts";
import { migratingStore } from "./storage/migrating-store.ts";
import { createPurger } from "./storage/purger.ts";
import { createStatistics } from "./storage/statistics.ts";
import type { CachedCounts } from "./storage/store-gauges.ts";
import { addStoreGauges } from "./storage/store-gauges.ts";
import { createOperationTelemetry } from "./telemetry/operation-telemetry.ts";
import { createEstimates } from "./timing/estimates.ts";
import { createReaper } from "./workers/reaper.ts";
import { createWorkerRequestHandlers } from "./workers/worker-requests.ts";

export interface ServerParts {
  readonly types: readonly ResourceType[];
  /** Types that are read-only. @default none */
  readonly undeclared?: readonly ResourceType[];
  readonly store: Store;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: ServerOptions;
  /** @default the one of the registered OpenTelemetry SDK, if any */
  readonly telemetry?: Telemetry;
}

/** Serves HTTP requests and workers, records their messages in the store and reaps. Needs an open store and broker. */
export interface Server {
  readonly handler: Handler;
  /** Cached numbers of resources in progress. */
  readonly counts: CachedCounts;
  readonly start: () => Promise<void>;
  /** Responds to all waiting requests and stops serving workers. The store and the broker stay open. */
  readonly stop: () => Promise<void>;
}

export function createServer({
  types,
  undeclared = [],
  store: stored,
  broker,
  clock,
  log,
  options,
  telemetry = createTelemetry(),
}: ServerParts): Server {
  const store = migratingStore(stored, types, log);
  const estimates = createEstimates({ reporting: store.reporting, clock, log });
  const operationTelemetry = createOperationTelemetry({ telemetry, log });
  const statistics = createStatistics({ reporting: store.reporting, clock, log });
  const onCommitted = (resource: Resource): void => {
    estimates.onCommitted(resource);
    statistics.onCommitted(resource);
    operationTelemetry.onCommitted(resource);
  };
  const { metrics } = telemetry;
  const commit = createCommit({ store, broker, clock, log, onCommitted, metrics });
  const reaper = createReaper({ store, commit, clock, log });
  const policies = policiesOf(types);
  const { handlers, heartbeats } = createWorkerRequestHandlers({
    store,
    broker,
    commit,
    policies,
    clock,
    log,
    telemetry: operationTelemetry,
  });
  const external = createExternalProcesses({
    types,
    store,
    broker,
    commit,
    handlers,
    clock,
    log,
    telemetry: operationTelemetry,
  });
  const observing = createObserving({ types, policies, commit, broker, clock, log });
  const { admission, lagMonitor } = createMonitoredAdmission(clock, options.queueMs);
  const handler = createHandler({
    ...{ types, undeclared, store, commit, broker, clock, log, options, telemetry },
    ...{ estimates, external, observing, admission },
  });
  const observePoller = createObservePoller({ types, store, refreshers: observing.observeRefreshers, clock, log });
  const counts = addStoreGauges({ metrics, types, store, clock });
  const purger = createPurger({ store, clock, log, retention: options.retention });
  const periodicTasks = [reaper, heartbeats, purger, estimates, statistics, observePoller, lagMonitor];
  let unsubscribe: Unsubscribe = () => {};
  return {
    handler,
    counts,
    async start() {
      await estimates.open();
      unsubscribe = external.start();
      for (const task of periodicTasks) task.start();
    },
    async stop() {
      observing.close();
      await handler.close();
      await Promise.all(periodicTasks.map((task) => task.stop()));
      unsubscribe();
      await Promise.all([estimates.close(), statistics.close()]).catch((error: unknown) => {
        log.warn({ error }, "failed to flush duration samples and statistics; the unsaved ones are lost");
      });
    },
  };
}

export function policiesOf(types: readonly ResourceType[]): Policies {
  return new Map(types.map(({ name, policy }) => [name, policy]));
}
