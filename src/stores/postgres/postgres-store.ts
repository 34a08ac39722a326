import { StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { settingsOf } from "./connection/options.ts";
import type { PostgresStoreOptions } from "./connection/store-options.ts";
import { deferredMethods } from "./deferred-methods.ts";
import { openDatabase } from "./open-database.ts";
import { openStore, type OpenStore } from "./open-store.ts";

/**
 * Creates the store of many processes: a PostgreSQL database that any number of nodes share.
 *
 * @throws StoreOpenError `store-options` for invalid options
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const settings = settingsOf(options);
  let store: OpenStore | undefined;
  let used = false;
  let closed: Promise<void> | undefined;

  const opened = (): OpenStore => {
    if (store !== undefined && closed === undefined) return store;
    throw new StoreUnavailableError(
      `The store ${settings.location} is ${closed === undefined ? "not open yet" : "closed"}`,
    );
  };

  return {
    name: "postgres",
    async open({ policies, onDiskFull, onWarning }) {
      if (used) {
        throw new StoreOpenError("store-open", "This store was opened before; create another with postgresStore()");
      }
      used = true;
      const database = await openDatabase(settings, policies);
      store = openStore({ settings, policies, onDiskFull, onWarning, clock: systemClock, database });
    },
    close() {
      used = true;
      closed ??= store?.close() ?? Promise.resolve();
      return closed;
    },

    ...deferredMethods(opened, () => (closed === undefined ? store : undefined)),
  };
}
