import type { Unsubscribe } from "../../core/ports/broker.ts";

/** Wake-ups by type. Several wake-ups of a type in one tick of the event loop are delivered once. */
export interface WakeUps {
  readonly wake: (types: readonly string[]) => void;
  readonly onWake: (types: readonly string[], callback: () => void) => Unsubscribe;
}

export function createWakeUps(): WakeUps {
  const callbacks = new Map<string, Set<() => void>>();
  let pendingTypes: Set<string> | undefined;

  const deliver = (): void => {
    const types = pendingTypes ?? new Set();
    pendingTypes = undefined;
    for (const callback of new Set([...types].flatMap((type) => [...(callbacks.get(type) ?? [])]))) callback();
  };

  return {
    wake(types) {
      if (pendingTypes === undefined) {
        pendingTypes = new Set();
        queueMicrotask(deliver);
      }
      for (const type of types) pendingTypes.add(type);
    },
    onWake(types, callback) {
      for (const type of types) {
        const existing = callbacks.get(type) ?? new Set();
        callbacks.set(type, existing.add(callback));
      }
      return () => {
        for (const type of types) callbacks.get(type)?.delete(callback);
      };
    },
  };
}
