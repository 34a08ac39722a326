import type { ResourceType } from "../../core/definition/resource-type.ts";
import { policiesOf } from "../../core/policy.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Store, UnclaimedPosition } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type PeriodicTask, periodicTask } from "../../core/scheduling/periodic-task.ts";
import { isObservable } from "../../core/state-machine/apply-observation.ts";
import type { Refresh } from "./refresh.ts";

export interface ObservePollerParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "unclaimedInProgress">;
  readonly refreshers: ReadonlyMap<string, Refresh>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Calls `observe` for resources in progress, so that they settle even if no client sends a GET. */
export interface ObservePoller extends PeriodicTask {
  /** Polls the resources that are due now. Resolves to their number. */
  readonly pollNow: () => Promise<number>;
}

/** The pause between two polls of an operation is an eighth of its age, within these bounds. */
const AGE_RATIO = 1 / 8;
const MIN_INTERVAL_MS = 5000;
const MAX_INTERVAL_MS = 60_000;

const PAGE_SIZE = 500;
/** Maximum concurrent calls of `observe` in one poll. */
const MAX_CONCURRENT = 20;

export function createObservePoller({ types, store, refreshers, clock, log }: ObservePollerParts): ObservePoller {
  const policies = policiesOf(types);
  const names = [...refreshers.keys()];
  /** Time of the next poll by operation, on the monotonic clock. */
  let nextAt = new Map<string, number>();
  const stopping = new AbortController();

  /** Returns true if the poll of an operation is due, and plans the next one. */
  const isDue = ({ operation }: Resource, kept: Map<string, number>): boolean => {
    const planned = nextAt.get(operation.id) ?? 0;
    const now = clock.monotonic();
    const pauseMs = (clock.now() - operation.acceptedAt) * AGE_RATIO;
    const isDueNow = planned <= now;
    kept.set(operation.id, isDueNow ? now + Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, pauseMs)) : planned);
    return isDueNow;
  };

  const pollNow = async (): Promise<number> => {
    const kept = new Map<string, number>();
    let after: UnclaimedPosition | undefined;
    let count = 0;
    do {
      const page = await store.unclaimedInProgress({
        types: names,
        limit: PAGE_SIZE,
        ...(after === undefined ? {} : { after }),
      });
      const due = page.resources.filter((resource) => {
        const policy = policies.get(resource.type);
        return policy !== undefined && isObservable(resource, policy, clock.now()) && isDue(resource, kept);
      });
      count += due.length;
      await refreshAll(due, refreshers, stopping.signal);
      after = page.next;
    } while (after !== undefined && !stopping.signal.aborted);
    nextAt = kept;
    return count;
  };

  const runOnce = async (): Promise<number> => {
    await pollNow().catch((error: unknown) => {
      log.warn({ error }, "failed to read the resources in progress; polling them the next time");
    });
    return MIN_INTERVAL_MS;
  };

  // Jitter: servers that were started together do not poll at the same moment.
  const task = periodicTask(clock, runOnce, MIN_INTERVAL_MS * (0.5 + clock.random() / 2));
  return {
    pollNow,
    start() {
      if (names.length > 0) task.start();
    },
    async stop() {
      stopping.abort();
      await task.stop();
    },
  };
}

async function refreshAll(
  resources: Resource[],
  refreshers: ReadonlyMap<string, Refresh>,
  signal: AbortSignal,
): Promise<void> {
  const next = async (): Promise<void> => {
    for (let resource = resources.pop(); resource !== undefined && !signal.aborted; resource = resources.pop()) {
      await refreshers.get(resource.type)?.(resource);
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, next));
}
