import type { Broker } from "../../core/ports/broker.ts";

/** One who looks at a few resources, and wants to know that others changed. */
export interface Watcher {
  /** The resources looked at that have changed since they were taken, by `type/id`. */
  readonly changed: Set<string>;
  /** How many changes there were of those looked at. */
  own: number;
  /** Calls back at the first change of one looked at. */
  onChange: () => void;
}

/** Tells who looks on what has changed: one subscription, however many look. */
export interface Watchers {
  /** @param names of the resources looked at; the returned function ends it */
  readonly watch: (names: readonly string[], watcher: Watcher) => () => void;
  /** Grows with every change of a resource of these types. */
  readonly changesOf: (types: readonly string[]) => number;
}

export function createWatchers(broker: Pick<Broker, "onNotice" | "onGap">): Watchers {
  const byName = new Map<string, Set<Watcher>>();
  const changes = new Map<string, number>();
  let gaps = 0;
  let size = 0;
  let stop: (() => void) | undefined;

  const tell = (name: string): void => {
    for (const watcher of byName.get(name) ?? []) {
      watcher.changed.add(name);
      watcher.own++;
      watcher.onChange();
    }
  };

  const listen = (): (() => void) => {
    const stopNotices = broker.onNotice((notices) => {
      for (const { type, id } of notices) {
        changes.set(type, (changes.get(type) ?? 0) + 1);
        tell(`${type}/${id}`);
      }
    });
    const stopGaps = broker.onGap?.(() => {
      gaps++;
      for (const name of byName.keys()) tell(name);
    });
    return () => {
      stopNotices();
      stopGaps?.();
    };
  };

  return {
    watch(names, watcher) {
      stop ??= listen();
      size++;
      for (const name of names) byName.set(name, (byName.get(name) ?? new Set<Watcher>()).add(watcher));
      return () => {
        for (const name of names) {
          const watching = byName.get(name);
          watching?.delete(watcher);
          if (watching?.size === 0) byName.delete(name);
        }
        if (--size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
    changesOf: (types) => types.reduce((sum, type) => sum + (changes.get(type) ?? 0), gaps),
  };
}
