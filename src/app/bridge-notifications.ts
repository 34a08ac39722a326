import type { Broker, Unsubscribe } from "../core/ports/broker.ts";
import type { StoreSharing } from "../core/ports/change-feed.ts";

/**
 * Takes the news of a broker that ends at this process to the other processes of the store, and theirs to it. After a gap the
 * workers of this process ask for what is due, and whoever holds a request looks for itself.
 */
export function sharingNews(broker: Broker, sharing: StoreSharing): Broker {
  const gapCallbacks = new Set<() => void>();
  const types = new Set<string>();
  let unsubscribe: Unsubscribe = () => {};
  return {
    ...broker,
    async open(options) {
      await broker.open(options);
      unsubscribe = sharing.subscribe({
        onMessage({ notices, wakes }) {
          if (notices.length > 0) broker.announce(notices);
          if (wakes.length > 0) broker.wake(wakes);
        },
        onGap() {
          broker.wake([...types]);
          for (const callback of gapCallbacks) callback();
        },
      });
    },
    async close() {
      unsubscribe();
      await broker.close();
    },
    wake(due) {
      broker.wake(due);
      sharing.publish({ notices: [], wakes: due });
    },
    onWake(awaited, callback) {
      for (const type of awaited) types.add(type);
      return broker.onWake(awaited, callback);
    },
    announce(notices) {
      broker.announce(notices);
      sharing.publish({ notices, wakes: [] });
    },
    onGap(callback) {
      gapCallbacks.add(callback);
      return () => void gapCallbacks.delete(callback);
    },
  };
}
