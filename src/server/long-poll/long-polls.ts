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
  /** Whose client may go away. */
  readonly request: Pick<HttpRequest, "onGone">;
  /** Who asks; undefined where nobody is told apart. */
  readonly principalId: string | undefined;
  /** Whether a request need not be held any longer, given what is stored now. */
  readonly isSatisfied: (resource: Resource | undefined) => boolean;
}

/** Holds requests until a resource is as they want it. Woken by change notices; a lost notice costs one poll. */
export interface LongPolls {
  readonly waitFor: (hold: Wait) => Promise<WaitResult>;
  /** How many are held. */
  readonly size: () => number;
  /** Aborted by the close. */
  readonly closed: AbortSignal;
  /** Releases all, and from then on everything at once. */
  readonly close: () => void;
}

export interface LongPollsParts {
  readonly broker: Pick<Broker, "onNotice" | "onGap">;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
  readonly read: (key: ResourceKey) => MaybePromise<Resource | undefined>;
  /** How many are held at most. */
  readonly max: number;
  /** How many of them are of one who asks. */
  readonly maxPerPrincipal: number;
  /** How often all look for themselves. */
  readonly recheckMs: number;
}

export function createLongPolls({
  broker,
  clock,
  log,
  read,
  max: maxHeld,
  maxPerPrincipal: maxHeldPerPrincipal,
  recheckMs: pollMs,
}: LongPollsParts): LongPolls {
  const quota = new Quota(maxHeld, maxHeldPerPrincipal);
  const groups = new Map<string, WaiterGroup>();
  const closing = new AbortController();
  let cancelRecheck: (() => void) | undefined;

  // A store that is down fails every look: one line for each poll says it.
  let hasFailed = false;
  const warnOnError = (looking: Promise<void>): void => {
    looking.catch((error: unknown) => {
      if (!hasFailed) log.warn({ error }, "held requests could not be looked after; they are at the next poll");
      hasFailed = true;
    });
  };
  const recheck = (group: WaiterGroup): void => warnOnError(group.recheck(read));

  const scheduleRecheck = (): void => {
    if (groups.size === 0 || closing.signal.aborted) return;
    cancelRecheck ??= clock.after(pollMs, () => {
      cancelRecheck = undefined;
      hasFailed = false;
      for (const group of groups.values()) recheck(group);
      scheduleRecheck();
    });
  };

  const unsubscribe = subscribe(broker, groups, recheck);

  const register = (
    { key, ms, request, principalId: holder, isSatisfied: isOver }: Wait,
    resolve: (released: WaitResult) => void,
  ): void => {
    const name = resourceKeyText(key);
    const group = groups.get(name) ?? new WaiterGroup(key);
    groups.set(name, group);
    const release = (released: WaitResult): void => {
      if (!group.waiters.delete(waiting)) return;
      quota.release(holder);
      if (group.waiters.size === 0) groups.delete(name);
      cancelTimer();
      offGone();
      resolve(released);
    };
    const waiting: Waiter = { isSatisfied: isOver, release };
    const cancelTimer = clock.after(ms, () => release({ end: "timeout" }));
    const offGone = request.onGone(() => release({ end: "client-gone" }));
    warnOnError(group.add(waiting, read));
    scheduleRecheck();
  };

  return {
    closed: closing.signal,
    size: () => quota.size,
    waitFor(hold) {
      if (closing.signal.aborted || !quota.take(hold.principalId)) return Promise.resolve({ end: "closed" });
      return new Promise((resolve) => {
        register(hold, resolve);
      });
    },
    close() {
      closing.abort();
      cancelRecheck?.();
      unsubscribe();
      for (const { waiters: waiting } of groups.values()) for (const { release } of waiting) release({ end: "closed" });
    },
  };
}

/** Looks for those who wait for what has changed, and after a gap for all. */
function subscribe(
  broker: LongPollsParts["broker"],
  groups: ReadonlyMap<string, WaiterGroup>,
  recheck: (group: WaiterGroup) => void,
): Unsubscribe {
  const stopNotices = broker.onNotice((notices) => {
    for (const notice of groups.size === 0 ? [] : notices) {
      const group = groups.get(resourceKeyText(notice));
      if (group !== undefined) recheck(group);
    }
  });
  const stopGaps = broker.onGap?.(() => {
    for (const group of groups.values()) recheck(group);
  });
  return () => {
    stopNotices();
    stopGaps?.();
  };
}

/** How much of something all have together, and each of them. Nothing is kept for those who have none. */
class Quota {
  readonly #max: number;
  readonly #maxPerKey: number;
  readonly #perKey = new Map<string, number>();
  #size = 0;

  constructor(most: number, mostOfOne: number) {
    this.#max = most;
    this.#maxPerKey = mostOfOne;
  }

  get size(): number {
    return this.#size;
  }

  /** False where there is none left, for all or for this one; nothing is taken then. @param name undefined where nobody is told apart */
  take(name: string | undefined): boolean {
    const ofOne = name === undefined ? 0 : (this.#perKey.get(name) ?? 0);
    if (this.#size >= this.#max || ofOne >= this.#maxPerKey) return false;
    if (name !== undefined) this.#perKey.set(name, ofOne + 1);
    this.#size++;
    return true;
  }

  release(name: string | undefined): void {
    this.#size--;
    if (name === undefined) return;
    const left = (this.#perKey.get(name) ?? 0) - 1;
    if (left > 0) this.#perKey.set(name, left);
    else this.#perKey.delete(name);
  }
}
