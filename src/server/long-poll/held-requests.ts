import type { Broker, Unsubscribe } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Eventually } from "../../core/scheduling/promises.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { HeldGroup, type Released, type Waiting } from "./held-group.ts";

export interface Hold {
  readonly key: ResourceKey;
  readonly ms: number;
  /** Whose client may go away. */
  readonly request: Pick<HttpRequest, "onGone">;
  /** Who asks; undefined where nobody is told apart. */
  readonly holder: string | undefined;
  /** Whether a request need not be held any longer, given what is stored now. */
  readonly isOver: (resource: Resource | undefined) => boolean;
}

/** Holds requests until a resource is as they want it. Woken by change notices; a lost notice costs one poll. */
export interface Hub {
  readonly hold: (hold: Hold) => Promise<Released>;
  /** How many are held. */
  readonly size: () => number;
  /** Aborted by the close. */
  readonly closed: AbortSignal;
  /** Releases all, and from then on everything at once. */
  readonly close: () => void;
}

export interface HubParts {
  readonly broker: Pick<Broker, "onNotice" | "onGap">;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
  readonly read: (key: ResourceKey) => Eventually<Resource | undefined>;
  /** How many are held at most. */
  readonly maxHeld: number;
  /** How many of them are of one who asks. */
  readonly maxHeldPerPrincipal: number;
  /** How often all look for themselves. */
  readonly pollMs: number;
}

export function createHub({ broker, clock, log, read, maxHeld, maxHeldPerPrincipal, pollMs }: HubParts): Hub {
  const quota = new Quota(maxHeld, maxHeldPerPrincipal);
  const groups = new Map<string, HeldGroup>();
  const closing = new AbortController();
  let cancelPoll: (() => void) | undefined;

  // A store that is down fails every look: one line for each poll says it.
  let hasFailed = false;
  const warned = (looking: Promise<void>): void => {
    looking.catch((error: unknown) => {
      if (!hasFailed) log.warn({ error }, "held requests could not be looked after; they are at the next poll");
      hasFailed = true;
    });
  };
  const look = (group: HeldGroup): void => warned(group.look(read));

  const plan = (): void => {
    if (groups.size === 0 || closing.signal.aborted) return;
    cancelPoll ??= clock.after(pollMs, () => {
      cancelPoll = undefined;
      hasFailed = false;
      for (const group of groups.values()) look(group);
      plan();
    });
  };

  const stopListening = listen(broker, groups, look);

  const register = ({ key, ms, request, holder, isOver }: Hold, resolve: (released: Released) => void): void => {
    const name = nameOf(key);
    const group = groups.get(name) ?? new HeldGroup(key);
    groups.set(name, group);
    const release = (released: Released): void => {
      if (!group.waiting.delete(waiting)) return;
      quota.giveBack(holder);
      if (group.waiting.size === 0) groups.delete(name);
      cancelTimer();
      offGone();
      resolve(released);
    };
    const waiting: Waiting = { isOver, release };
    const cancelTimer = clock.after(ms, () => release({ end: "time" }));
    const offGone = request.onGone(() => release({ end: "gone" }));
    warned(group.add(waiting, read));
    plan();
  };

  return {
    closed: closing.signal,
    size: () => quota.size,
    hold(hold) {
      if (closing.signal.aborted || !quota.take(hold.holder)) return Promise.resolve({ end: "closed" });
      return new Promise((resolve) => {
        register(hold, resolve);
      });
    },
    close() {
      closing.abort();
      cancelPoll?.();
      stopListening();
      for (const { waiting } of groups.values()) for (const { release } of waiting) release({ end: "closed" });
    },
  };
}

/** Looks for those who wait for what has changed, and after a gap for all. */
function listen(
  broker: HubParts["broker"],
  groups: ReadonlyMap<string, HeldGroup>,
  look: (group: HeldGroup) => void,
): Unsubscribe {
  const stopNotices = broker.onNotice((notices) => {
    for (const notice of groups.size === 0 ? [] : notices) {
      const group = groups.get(nameOf(notice));
      if (group !== undefined) look(group);
    }
  });
  const stopGaps = broker.onGap?.(() => {
    for (const group of groups.values()) look(group);
  });
  return () => {
    stopNotices();
    stopGaps?.();
  };
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

/** How much of something all have together, and each of them. Nothing is kept for those who have none. */
class Quota {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #ofOne = new Map<string, number>();
  #size = 0;

  constructor(most: number, mostOfOne: number) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  get size(): number {
    return this.#size;
  }

  /** False where there is none left, for all or for this one; nothing is taken then. @param name undefined where nobody is told apart */
  take(name: string | undefined): boolean {
    const ofOne = name === undefined ? 0 : (this.#ofOne.get(name) ?? 0);
    if (this.#size >= this.#most || ofOne >= this.#mostOfOne) return false;
    if (name !== undefined) this.#ofOne.set(name, ofOne + 1);
    this.#size++;
    return true;
  }

  giveBack(name: string | undefined): void {
    this.#size--;
    if (name === undefined) return;
    const left = (this.#ofOne.get(name) ?? 0) - 1;
    if (left > 0) this.#ofOne.set(name, left);
    else this.#ofOne.delete(name);
  }
}
