import type { Broker, Unsubscribe } from "../core/ports/broker.ts";
import type { StoreSharing } from "../core/ports/change-feed.ts";

/**
 * Connects a broker of one process to the other processes of the store: change notices and wake-ups go both ways. After
 * a gap, the workers of this process claim due operations, and waiting requests are checked again.
 */
export function bridgeNotifications(broker: Broker, sharing: StoreSharing): Broker {
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
