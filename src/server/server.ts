import { policiesOf } from "../core/policy.ts";
import type { Unsubscribe } from "../core/ports/broker.ts";
import type { Resource } from "../core/resource.ts";
import { createTelemetry } from "../telemetry/telemetry.ts";
import type { ServerParts } from "./context.ts";
import { createExternalProcesses, type ExternalProcesses } from "./external/external.ts";
import { createObserving } from "./observing/observing.ts";
import { createMonitoredAdmission } from "./overload/admission.ts";
import { createHandler, type Handler } from "./routing/handler.ts";
import { announce, createCommit } from "./storage/commit.ts";
import { createRetentionTasks } from "./storage/expiry.ts";
import { migratingStore } from "./storage/migrating-store.ts";
import { createStatistics } from "./storage/statistics.ts";
import { addStoreGauges, type CachedCounts } from "./storage/store-gauges.ts";
import { createOperationTelemetry } from "./telemetry/operation-telemetry.ts";
import { createEstimates } from "./timing/estimates.ts";
import { createEarlyClaims } from "./workers/early-claims.ts";
import { createWorkerRequestHandlers } from "./workers/worker-requests.ts";

/** Serves HTTP requests and workers, records their messages in the store and reaps. Needs an open store and broker. */
export interface Server {
  readonly handler: Handler;
  /** Cached numbers of resources in progress. */
  readonly counts: CachedCounts;
  /** Applies status messages of inlets. */
  readonly statusMessages: ExternalProcesses["statusMessages"];
  readonly start: () => Promise<void>;
  /** Responds to all waiting requests and stops serving workers. The store and the broker stay open. */
  readonly stop: () => Promise<void>;
}

export function createServer(given: ServerParts): Server {
  const { types, clock, log, options, telemetry = createTelemetry() } = given;
  const store = migratingStore(given.store, types, log);
  const parts = { ...given, store, telemetry };
  const { metrics } = telemetry;
  const estimates = createEstimates({ reporting: store.reporting, clock, log });
  const operationTelemetry = createOperationTelemetry({ telemetry, log });
  const statistics = createStatistics({ reporting: store.reporting, clock, log });
  const onCommitted = (resource: Resource): void => {
    for (const observer of [estimates, statistics, operationTelemetry]) observer.onCommitted(resource);
  };
  const policies = policiesOf(types);
  const observed = { ...parts, policies, telemetry: operationTelemetry };
  const earlyClaims = createEarlyClaims(observed);
  const commit = createCommit({ ...parts, onCommitted, earlyClaims, metrics });
  const shared = { ...parts, commit, policies };
  const { handlers, tasks } = createWorkerRequestHandlers({ ...observed, commit });
  const external = createExternalProcesses({ ...shared, handlers, telemetry: operationTelemetry });
  const observing = createObserving(shared);
  const { admission, lagMonitor } = createMonitoredAdmission(clock, options.queueMs);
  const handler = createHandler({ ...shared, estimates, external, observing, admission });
  const periodicTasks = [
    ...tasks,
    ...createRetentionTasks({ ...shared, retention: options.retention }),
    estimates,
    statistics,
    observing.poller,
    lagMonitor,
  ];
  const onTransactionCommitted = (changed: readonly Resource[]): void => {
    // Nodes without a shared broker get the notices from the store.
    if (given.broker.isShared === true) announce(given.broker, changed);
    for (const resource of changed) onCommitted(resource);
  };
  let unsubscribes: readonly Unsubscribe[] = [];
  return {
    handler,
    counts: addStoreGauges({ ...parts, metrics }),
    statusMessages: external.statusMessages,
    async start() {
      await estimates.open();
      unsubscribes = [external.start(), store.transactions?.onCommitted(onTransactionCommitted) ?? (() => {})];
      for (const task of periodicTasks) task.start();
    },
    async stop() {
      observing.close();
      await handler.close();
      await Promise.all(periodicTasks.map((task) => task.stop()));
      for (const unsubscribe of unsubscribes) unsubscribe();
      await Promise.all([estimates.close(), statistics.close()]).catch((error: unknown) => {
        log.warn({ error }, "failed to flush duration samples and statistics; the unsaved ones are lost");
      });
    },
  };
}
