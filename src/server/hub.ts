import type { Broker } from "../core/broker.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Resource, ResourceKey } from "../core/resource.ts";

export interface Hold {
  readonly key: ResourceKey;
  readonly ms: number;
  /** Calls back when nobody waits any more. */
  readonly onGone: (callback: () => void) => () => void;
  /** Whether a request need not be held any longer, given what is stored now. */
  readonly isOver: (resource: Resource | undefined) => boolean;
}

/** Why a hold ended: what was waited for is stored, the time is up, the client has gone, or nothing more is held here. */
export type Released =
  | { readonly end: "over"; readonly resource: Resource | undefined }
  | { readonly end: "time" }
  | { readonly end: "gone" }
  | { readonly end: "closed" };

/** Holds requests until a resource is as they want it. Woken by change notices; a lost notice costs one poll. */
export interface Hub {
  readonly hold: (hold: Hold) => Promise<Released>;
  readonly held: () => number;
  /** Releases all, and from then on everything at once. */
  readonly close: () => void;
}

export interface HubParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly read: (key: ResourceKey) => Promise<Resource | undefined>;
  readonly maxHeld: number;
  readonly pollMs: number;
}

interface Waiting {
  readonly isOver: Hold["isOver"];
  readonly release: (released: Released) => void;
}

/** All that wait for one resource. */
interface Group {
  readonly key: ResourceKey;
  readonly waiting: Set<Waiting>;
  /** A look at the store is under way; `again` when there is news since it began. */
  isLooking: boolean;
  again: boolean;
}

const TIME: Released = { end: "time" };
const GONE: Released = { end: "gone" };
const CLOSED: Released = { end: "closed" };

export function createHub({ broker, clock, log, read, maxHeld, pollMs }: HubParts): Hub {
  const groups = new Map<string, Group>();
  let held = 0;
  let isClosed = false;
  let cancelPoll: (() => void) | undefined;

  const look = async (group: Group): Promise<void> => {
    if (group.isLooking) {
      group.again = true;
      return;
    }
    group.isLooking = true;
    try {
      do {
        group.again = false;
        const resource = await read(group.key);
        for (const waiting of group.waiting) {
          if (waiting.isOver(resource)) waiting.release({ end: "over", resource });
        }
      } while (group.again);
    } catch (error) {
      log.warn({ error }, "held requests could not be looked after; they are at the next poll");
    }
    group.isLooking = false;
  };

  const poll = (): void => {
    cancelPoll = undefined;
    for (const group of groups.values()) void look(group);
    plan();
  };

  const plan = (): void => {
    if (groups.size > 0 && !isClosed) cancelPoll ??= clock.after(pollMs, poll);
  };

  const groupOf = (key: ResourceKey): Group => {
    const name = nameOf(key);
    const found = groups.get(name) ?? { key, waiting: new Set(), isLooking: false, again: false };
    groups.set(name, found);
    return found;
  };

  const stopNotices = broker.onNotice((notices) => {
    if (groups.size === 0) return;
    for (const notice of notices) {
      const group = groups.get(nameOf(notice));
      if (group !== undefined) void look(group);
    }
  });

  return {
    held: () => held,
    hold: ({ key, ms, onGone, isOver }) => {
      if (isClosed || held >= maxHeld) return Promise.resolve(CLOSED);
      return new Promise((resolve) => {
        const group = groupOf(key);
        const release = (released: Released): void => {
          if (!group.waiting.delete(waiting)) return;
          held--;
          if (group.waiting.size === 0) groups.delete(nameOf(key));
          cancelTimer();
          offGone();
          resolve(released);
        };
        const waiting: Waiting = { isOver, release };
        const cancelTimer = clock.after(ms, () => release(TIME));
        const offGone = onGone(() => release(GONE));
        group.waiting.add(waiting);
        held++;
        // Registered first, then looked: what is committed from now on is announced to this one.
        void look(group);
        plan();
      });
    },
    close() {
      isClosed = true;
      cancelPoll?.();
      stopNotices();
      for (const { waiting } of [...groups.values()]) for (const { release } of [...waiting]) release(CLOSED);
    },
  };
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}
