import { type Resource, type ResourceKey, resourceKeyText } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import type { LongPolls } from "../long-poll/long-polls.ts";
import type { Refresh } from "./refresh.ts";

export interface PollWhileWaitingParts {
  readonly longPolls: LongPolls;
  readonly clock: Pick<Clock, "after">;
  readonly read: (key: ResourceKey) => MaybePromise<Resource | undefined>;
  /** Refresh functions by type, for types whose changes are not pushed. */
  readonly refreshers: ReadonlyMap<string, Refresh>;
}

/** Interval at which a process is polled while requests wait for it. */
const POLL_INTERVAL_MS = 1000;

/**
 * Polls the resources that requests wait for, once for all requests of the same resource. A change is stored and announced, which
 * releases the requests.
 */
export function pollWhileWaiting({ longPolls, clock, read, refreshers }: PollWhileWaitingParts): LongPolls {
  if (refreshers.size === 0) return longPolls;
  const polls = new Map<string, { waiters: number; stop: () => void }>();

  const startPolling = (key: ResourceKey, refresh: Refresh): (() => void) => {
    let isStopped = false;
    let cancelTimer = (): void => {};
    const poll = async (): Promise<void> => {
      try {
        const resource = await read(key);
        if (resource !== undefined) await refresh(resource);
      } catch {
        // The store is unavailable: the long-poll registry logs that and retries.
      }
      if (!isStopped) schedule();
    };
    const schedule = (): void => {
      cancelTimer = clock.after(POLL_INTERVAL_MS, () => void poll());
    };
    schedule();
    return () => {
      isStopped = true;
      cancelTimer();
    };
  };

  return {
    ...longPolls,
    async waitFor(wait) {
      const { key } = wait;
      const refresh = refreshers.get(key.type);
      if (refresh === undefined) return longPolls.waitFor(wait);
      const polled = polls.get(resourceKeyText(key)) ?? { waiters: 0, stop: startPolling(key, refresh) };
      polls.set(resourceKeyText(key), polled);
      polled.waiters++;
      try {
        return await longPolls.waitFor(wait);
      } finally {
        polled.waiters--;
        if (polled.waiters === 0) {
          polled.stop();
          polls.delete(resourceKeyText(key));
        }
      }
    },
  };
}
