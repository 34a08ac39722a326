import type { Broker } from "../../core/ports/broker.ts";
import { resourceKeyText } from "../../core/resource.ts";

/** A subscription of one stream to a few resources. */
export interface ChangeSubscriber {
  /** The subscribed resources that have changed and were not read yet, as `type/id`. */
  readonly changed: Set<string>;
  /** Number of changes of the subscribed resources of `types`. */
  ownChanges: number;
  /** Types whose changes are counted. */
  readonly types: ReadonlySet<string>;
  /** True for a resource that the client may not see. Its changes must have no effect that the client could notice. */
  readonly isHidden: (name: string) => boolean;
  /** Called at each change of a subscribed resource. */
  onChange: () => void;
}

/** Distributes change notices to streams. All streams share one subscription at the broker. */
export interface ChangeSubscribers {
  /** Subscribes to resources. The returned function unsubscribes. @param names `type/id` of each resource */
  readonly subscribe: (names: readonly string[], subscriber: ChangeSubscriber) => () => void;
  /** A counter that grows with every change of a resource of these types. */
  readonly changeCount: (types: ReadonlySet<string>) => number;
}

export function createChangeSubscribers(broker: Pick<Broker, "onNotice" | "onGap">): ChangeSubscribers {
  const byName = new Map<string, Set<ChangeSubscriber>>();
  const changes = new Map<string, number>();
  let missedNotices = 0;
  let size = 0;
  let stop: (() => void) | undefined;

  const notify = (name: string): void => {
    for (const subscriber of byName.get(name) ?? []) {
      if (subscriber.isHidden(name)) continue;
      subscriber.changed.add(name);
      if (subscriber.types.has(name.slice(0, name.indexOf("/")))) subscriber.ownChanges++;
      subscriber.onChange();
    }
  };

  const subscribeToBroker = (): (() => void) => {
    const stopNotices = broker.onNotice((notices) => {
      for (const notice of notices) {
        changes.set(notice.type, (changes.get(notice.type) ?? 0) + 1);
        notify(resourceKeyText(notice));
      }
    });
    const stopGaps = broker.onGap?.(() => {
      missedNotices++;
      for (const name of byName.keys()) notify(name);
    });
    return () => {
      stopNotices();
      stopGaps?.();
    };
  };

  return {
    subscribe(names, subscriber) {
      stop ??= subscribeToBroker();
      size++;
      for (const name of names) byName.set(name, (byName.get(name) ?? new Set<ChangeSubscriber>()).add(subscriber));
      return () => {
        for (const name of names) {
          const subscribers = byName.get(name);
          subscribers?.delete(subscriber);
          if (subscribers?.size === 0) byName.delete(name);
        }
        if (--size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
    changeCount: (types) => types.values().reduce((sum, type) => sum + (changes.get(type) ?? 0), missedNotices),
  };
}
