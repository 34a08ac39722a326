import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Policies } from "../../core/policy.ts";
import type { Broker } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { PeriodicTask } from "../../core/scheduling/periodic-task.ts";
import type { Commit } from "../storage/commit.ts";
import { createLiveStatus } from "./live-status.ts";
import { createObserveRefresh } from "./observe.ts";
import { createObservePoller } from "./poller.ts";
import type { Refresh } from "./refresh.ts";
import { createThrottledWarnings } from "./throttled-warnings.ts";

export interface ObservingParts {
  readonly types: readonly ResourceType[];
  readonly policies: Policies;
  readonly store: Pick<Store, "unclaimedInProgress">;
  readonly commit: Commit;
  readonly broker: Pick<Broker, "flush" | "isShared">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first flow of the pattern: on GET the server queries the background process. */
export interface Observing {
  /** Refresh functions by type: `liveStatus` and `observe`. */
  readonly refreshers: ReadonlyMap<string, Refresh>;
  /** Refresh functions by type that only call `observe`: for types whose changes are not pushed. */
  readonly observeRefreshers: ReadonlyMap<string, Refresh>;
  readonly poller: PeriodicTask;
  /** Releases all callers and starts no further query. */
  readonly close: () => void;
}

export function createObserving({ types, log, clock, store, ...parts }: ObservingParts): Observing {
  const shared = { ...parts, clock, warnThrottled: createThrottledWarnings(log, clock) };
  const observe = createObserveRefresh(shared);
  const live = createLiveStatus(shared);
  const both = (type: ResourceType): Refresh | undefined => {
    const refreshFromWorker = live.refreshOf(type);
    const refreshFromProcess = observe.refreshOf(type);
    if (refreshFromWorker === undefined || refreshFromProcess === undefined) {
      return refreshFromWorker ?? refreshFromProcess;
    }
    return async (resource) => refreshFromProcess(await refreshFromWorker(resource));
  };
  const observeRefreshers = byType(types, observe.refreshOf);
  return {
    refreshers: byType(types, both),
    observeRefreshers,
    poller: createObservePoller({ types, store, refreshers: observeRefreshers, clock, log }),
    close() {
      observe.close();
      live.close();
    },
  };
}

function byType(
  types: readonly ResourceType[],
  of: (type: ResourceType) => Refresh | undefined,
): ReadonlyMap<string, Refresh> {
  return new Map(
    types.flatMap((type) => {
      const refresh = of(type);
      return refresh === undefined ? [] : [[type.name, refresh] as const];
    }),
  );
}
