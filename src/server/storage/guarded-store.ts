import type { Store } from "../../core/ports/store.ts";
import { overridden } from "./overridden.ts";

/** Wraps a store so that `beforeWrite` runs before each write. Undefined, which is usual, takes no time. */
export function guardedStore(store: Store, beforeWrite: () => Promise<void> | undefined): Store {
  const guarded = async <Result>(checked: Promise<void>, write: () => Promise<Result>): Promise<Result> => {
    await checked;
    return write();
  };
  const run = <Result>(write: () => Promise<Result>): Promise<Result> => {
    const checking = beforeWrite();
    return checking === undefined ? write() : guarded(checking, write);
  };
  const { transactions } = store;
  return overridden(store, {
    apply: (changes) => run(() => store.apply(changes)),
    claim: (requests) => run(() => store.claim(requests)),
    ...(transactions === undefined
      ? {}
      : {
          transactions: overridden(transactions, {
            within: (client, use) => run(() => transactions.within(client, use)),
          }),
        }),
  });
}
