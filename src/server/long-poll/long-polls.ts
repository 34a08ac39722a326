import type { Broker, Unsubscribe } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { MaybePromise } from "../../core/scheduling/promises.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { WaiterGroup, type WaitResult, type Waiter } from "./waiter-group.ts";

export interface Wait {
  readonly key: ResourceKey;
  readonly ms: number;
  /** The request that waits; the wait ends if its client disconnects. */
  readonly request: Pick<HttpRequest, "onGone">;
  /** The principal of the request; undefined without authentication. */
  readonly principalId: string | undefined;
  /** True if the stored resource meets the condition that the request waits for. */
  readonly isSatisfied: (resource: Resource | undefined) => boolean;
  /** True for a stream, which has a place for as long as it is open. @default the wait takes a place */
  readonly hasPlace?: boolean;
}

/**
 * Registry of long polls: requests that wait for a condition of a resource. A change notice triggers a read; polling
 * covers lost notices.
 */
export interface LongPolls {
  readonly waitFor: (wait: Wait) => Promise<WaitResult>;
  /** Takes one of the places for waiting requests. Returns a function that frees it; undefined if none is left. */
  readonly takePlace: (principalId: string | undefined) => (() => void) | undefined;
  /** Returns the number of waiting requests. */
  readonly size: () => number;
  /** Aborted when the registry closes. */
  readonly closed: AbortSignal;
  /** Releases all waiting requests. Later requests do not wait. */
  readonly close: () => void;
}

export interface LongPollsParts {
  readonly broker: Pick<Broker, "onNotice" | "onGap">;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
  readonly read: (key: ResourceKey) => MaybePromise<Resource | undefined>;
  readonly options: LongPollOptions;
}

export interface LongPollOptions {
  /** Maximum number of waiting requests. */
  readonly maxLongPolls: number;
  /** Maximum number of waiting requests per principal. */
  readonly maxLongPollsPerPrincipal: number;
  /** Interval at which all waiting requests re-read their resource. */
  readonly recheckMs: number;
}

export function createLongPolls({ broker, clock, log, read, options }: LongPollsParts): LongPolls {
  const { maxLongPolls, maxLongPollsPerPrincipal, recheckMs } = options;
  const quota = new Quota(maxLongPolls, maxLongPollsPerPrincipal);
  const groups = new Map<string, WaiterGroup>();
  const closing = new AbortController();
  let cancelRecheck: (() => void) | undefined;

  const failures = new FailureLog(log);
  const recheck = (group: WaiterGroup): void => failures.watch(group.recheck(read));

  const scheduleRecheck = (): void => {
    if (groups.size === 0 || closing.signal.aborted) return;
    cancelRecheck ??= clock.after(recheckMs, () => {
      cancelRecheck = undefined;
      failures.reset();
      for (const group of groups.values()) recheck(group);
      scheduleRecheck();
    });
  };

  const unsubscribe = subscribe(broker, groups, recheck);

  const takePlace: LongPolls["takePlace"] = (id) => (closing.signal.aborted ? undefined : quota.take(id));

  const register = (
    { key, ms, request, isSatisfied }: Wait,
    freePlace: () => void,
    resolve: (result: WaitResult) => void,
  ): void => {
    const name = resourceKeyText(key);
    const group = groups.get(name) ?? new WaiterGroup(key);
    groups.set(name, group);
    const release = (result: WaitResult): void => {
      if (!group.waiters.delete(waiter)) return;
      freePlace();
      if (group.waiters.size === 0) groups.delete(name);
      cancelTimer();
      unsubscribeGone();
      resolve(result);
    };
    const waiter: Waiter = { isSatisfied, release };
    const cancelTimer = clock.after(ms, () => release({ end: "timeout" }));
    const unsubscribeGone = request.onGone(() => release({ end: "client-gone" }));
    failures.watch(group.add(waiter, read));
    scheduleRecheck();
  };

  return {
    closed: closing.signal,
    size: () => quota.size,
    takePlace,
    waitFor(wait) {
      const freePlace = wait.hasPlace === true ? () => {} : takePlace(wait.principalId);
      if (closing.signal.aborted || freePlace === undefined) return Promise.resolve({ end: "closed" });
      return new Promise((resolve) => {
        register(wait, freePlace, resolve);
      });
    },
    close() {
      closing.abort();
      cancelRecheck?.();
      unsubscribe();
      for (const { waiters } of groups.values()) for (const { release } of waiters) release({ end: "closed" });
    },
  };
}

/** Re-checks the waiters of each changed resource, and all waiters after missed notices. */
function subscribe(
  broker: LongPollsParts["broker"],
  groups: ReadonlyMap<string, WaiterGroup>,
  recheck: (group: WaiterGroup) => void,
): Unsubscribe {
  const unsubscribeNotices = broker.onNotice((notices) => {
    for (const notice of groups.size === 0 ? [] : notices) {
      const group = groups.get(resourceKeyText(notice));
      if (group !== undefined) recheck(group);
    }
  });
  const unsubscribeGaps = broker.onGap?.(() => {
    for (const group of groups.values()) recheck(group);
  });
  return () => {
    unsubscribeNotices();
    unsubscribeGaps?.();
  };
}

/** Logs one failed re-check per interval: if the store is down, all of them fail. */
class FailureLog {
  readonly #log: Log;
  #hasFailed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  watch(rechecking: Promise<void>): void {
    rechecking.catch((error: unknown) => {
      if (!this.#hasFailed) {
        this.#log.warn({ error }, "failed to re-check waiting requests; retrying at the next poll");
      }
      this.#hasFailed = true;
    });
  }

  reset(): void {
    this.#hasFailed = false;
  }
}

/** A counter limited in total and per key. Keys at zero are removed. */
class Quota {
  readonly #max: number;
  readonly #maxPerKey: number;
  readonly #perKey = new Map<string, number>();
  #size = 0;

  constructor(max: number, maxPerKey: number) {
    this.#max = max;
    this.#maxPerKey = maxPerKey;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Counts one more. Returns a function that releases it; undefined, without counting, if a limit is reached.
   *
   * @param key undefined if only the total is limited
   */
  take(key: string | undefined): (() => void) | undefined {
    const used = key === undefined ? 0 : (this.#perKey.get(key) ?? 0);
    if (this.#size >= this.#max || used >= this.#maxPerKey) return undefined;
    if (key !== undefined) this.#perKey.set(key, used + 1);
    this.#size++;
    return () => this.#release(key);
  }

  #release(key: string | undefined): void {
    this.#size--;
    if (key === undefined) return;
    const remaining = (this.#perKey.get(key) ?? 0) - 1;
    if (remaining > 0) this.#perKey.set(key, remaining);
    else this.#perKey.delete(key);
  }
}
