import { StaleClockError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { MAX_CLOCK_DRIFT_MS } from "../../core/scheduling/clock-step.ts";
import { overridden } from "./overridden.ts";

const LIMIT = { maxClockDriftMs: MAX_CLOCK_DRIFT_MS };

/**
 * Wraps a store so that no write has an instant of a clock that has been set since.
 *
 * @param check compares the clock of the process with that of the store
 */
export function clockCheckedStore(store: Store, check: () => Promise<void>): Store {
  return overridden(store, {
    async apply(changes) {
      try {
        return await store.apply(changes, LIMIT);
      } catch (error) {
        if (error instanceof StaleClockError) await check();
        throw error;
      }
    },
    claim: (requests) => store.claim(requests.map((request) => ({ ...request, ...LIMIT }))),
  });
}
