import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Eventually } from "../../core/scheduling/promises.ts";
import type { Hub } from "../long-poll/held-requests.ts";
import { type Ask, nameOf } from "./refresh.ts";

export interface WatchParts {
  readonly hub: Hub;
  readonly clock: Pick<Clock, "after">;
  readonly read: (key: ResourceKey) => Eventually<Resource | undefined>;
  /** By type: how those are asked of which nobody says when they change. */
  readonly asks: ReadonlyMap<string, Ask>;
}

/** How often a process is asked while somebody is held by what it does. */
const EVERY_MS = 1000;

/**
 * A hub that asks again and again about what requests are held for, once for all that wait for the same resource. What is answered
 * is stored and announced, which is what releases them.
 */
export function watchingHub({ hub, clock, read, asks }: WatchParts): Hub {
  if (asks.size === 0) return hub;
  const watches = new Map<string, { holds: number; stop: () => void }>();

  const watch = (key: ResourceKey, ask: Ask): (() => void) => {
    let isOver = false;
    let takeBack = (): void => {};
    const look = async (): Promise<void> => {
      try {
        const resource = await read(key);
        if (resource !== undefined) await ask(resource);
      } catch {
        // The store is away: the hub says so, and looks again itself.
      }
      if (!isOver) plan();
    };
    const plan = (): void => {
      takeBack = clock.after(EVERY_MS, () => void look());
    };
    plan();
    return () => {
      isOver = true;
      takeBack();
    };
  };

  return {
    ...hub,
    async hold(hold) {
      const { key } = hold;
      const ask = asks.get(key.type);
      if (ask === undefined) return hub.hold(hold);
      const watched = watches.get(nameOf(key)) ?? { holds: 0, stop: watch(key, ask) };
      watches.set(nameOf(key), watched);
      watched.holds++;
      try {
        return await hub.hold(hold);
      } finally {
        watched.holds--;
        if (watched.holds === 0) {
          watched.stop();
          watches.delete(nameOf(key));
        }
      }
    },
  };
}
