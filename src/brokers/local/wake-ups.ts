import type { Unsubscribe } from "../../core/ports/broker.ts";

/** Wake-ups by type: several of one turn of the event loop are one. */
export interface Wakes {
  readonly wake: (types: readonly string[]) => void;
  readonly onWake: (types: readonly string[], callback: () => void) => Unsubscribe;
}

export function createWakes(): Wakes {
  const callbacks = new Map<string, Set<() => void>>();
  let waking: Set<string> | undefined;

  const deliver = (): void => {
    const types = waking ?? new Set();
    waking = undefined;
    for (const callback of new Set([...types].flatMap((type) => [...(callbacks.get(type) ?? [])]))) callback();
  };

  return {
    wake(types) {
      if (waking === undefined) {
        waking = new Set();
        queueMicrotask(deliver);
      }
      for (const type of types) waking.add(type);
    },
    onWake(types, callback) {
      for (const type of types) {
        const found = callbacks.get(type) ?? new Set();
        callbacks.set(type, found.add(callback));
      }
      return () => {
        for (const type of types) callbacks.get(type)?.delete(callback);
      };
    },
  };
}
