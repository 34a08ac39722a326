import type { Store } from "../core/ports/store.ts";
import type { Clock } from "../core/scheduling/clock.ts";

/** Resolves if the store can be written. Rejects with the reason if it cannot. */
export type WriteCheck = () => Promise<void>;

/** Maximum age of a result. Probes of several monitors share one write. */
const RESULT_TTL_MS = 1000;

export function createWriteCheck(store: Pick<Store, "checkWritable">, clock: Pick<Clock, "monotonic">): WriteCheck {
  let latest: { readonly result: Promise<void>; expiresAt: number } | undefined;
  return () => {
    if (latest !== undefined && clock.monotonic() < latest.expiresAt) return latest.result;
    const check = { result: store.checkWritable(), expiresAt: Infinity };
    const expire = (): void => {
      check.expiresAt = clock.monotonic() + RESULT_TTL_MS;
    };
    latest = check;
    check.result.then(expire, expire);
    return check.result;
  };
}
