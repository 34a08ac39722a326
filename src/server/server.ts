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
  /** Types that can be read and nothing else. @default none */
  readonly undeclared?: readonly ResourceType[];
  readonly store: Store;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: ServerOptions;
  /** @default what the OpenTelemetry SDK takes that is registered, if any */
  readonly telemetry?: Telemetry;
}

/** HTTP in, representation out; answers workers; folds what they say into the store; reaps. Needs an open store and broker. */
export interface Server {
  readonly handler: Handler;
  /** How many resources are in progress. */
  readonly counting: CachedCounts;
  readonly start: () => Promise<void>;
  /** Answers what is held and stops answering workers. The store and the broker stay open. */
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
  const estimates = createEstimates({ store, clock, log });
  const course = createOperationTelemetry({ telemetry, log });
  const statistics = createStatistics({ store, clock, log });
  const observe = (resource: Resource): void => {
    estimates.onCommitted(resource);
    statistics.onCommitted(resource);
    course.onCommitted(resource);
  };
  const { metrics } = telemetry;
  const commit = createCommit({ store, broker, clock, onCommitted: observe, metrics });
  const reaper = createReaper({ store, commit, clock, log });
  const policies = policiesOf(types);
  const { handlers: answers, heartbeats: beats } = createWorkerRequestHandlers({
    store,
    broker,
    commit,
    policies,
    clock,
    log,
    telemetry: course,
  });
  const outside = createExternalProcesses({
    types,
    store,
    broker,
    commit,
    handlers: answers,
    clock,
    log,
    telemetry: course,
  });
  const asking = createObserving({ types, policies, commit, broker, clock, log });
  const { admission, lagMonitor: watch } = createMonitoredAdmission(clock, options.queueMs);
  const handler = createHandler({
    ...{ types, undeclared, store, commit, broker, clock, log, options, telemetry },
    ...{ estimates, external: outside, observing: asking, admission },
  });
  const sweep = createObservePoller({ types, store, refreshers: asking.observeRefreshers, clock, log });
  const counting = addStoreGauges({ metrics, types, store, clock });
  const purger = createPurger({ store, clock, log, retention: options.retention });
  const recurring = [reaper, beats, purger, estimates, statistics, sweep, watch];
  let stopServing: Unsubscribe = () => {};
  return {
    handler,
    counting,
    async start() {
      await estimates.open();
      stopServing = outside.start();
      for (const each of recurring) each.start();
    },
    async stop() {
      asking.close();
      await handler.close();
      await Promise.all(recurring.map((each) => each.stop()));
      stopServing();
      await Promise.all([estimates.close(), statistics.close()]).catch((error: unknown) => {
        log.warn({ error }, "what was learned of durations, or counted, since the last time is lost");
      });
    },
  };
}

export function policiesOf(types: readonly ResourceType[]): Policies {
  return new Map(types.map(({ name, policy }) => [name, policy]));
}
