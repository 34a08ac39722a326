import { StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { type PostgresStoreOptions, settingsOf, shownUrl } from "./connection/options.ts";
import { openDatabase } from "./open-database.ts";
import { openStore, type OpenStore } from "./open-store.ts";

/**
 * Makes the store of many processes: a PostgreSQL database that any number of nodes share.
 *
 * @throws StoreOpenError `store-options` for options that cannot be
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const settings = settingsOf(options);
  let openStores: OpenStore | undefined;
  let used = false;
  let closed: Promise<void> | undefined;

  const opened = (): OpenStore => {
    if (openStores !== undefined && closed === undefined) return openStores;
    throw new StoreUnavailableError(
      `The store ${shownUrl(settings.url)} is ${closed === undefined ? "not open yet" : "closed"}`,
    );
  };

  return {
    name: "postgres",
    async open({ policies }) {
      if (used) throw new StoreOpenError("store-open", "This store was opened before; make another by postgresStore()");
      used = true;
      await openDatabase(settings, policies);
      openStores = openStore(settings, policies, systemClock);
    },
    close() {
      used = true;
      closed ??= openStores?.close() ?? Promise.resolve();
      return closed;
    },

    sharing: {
      publish(news) {
        if (closed === undefined) openStores?.sharing.publish(news);
      },
      subscribe: (listener) => opened().sharing.subscribe(listener),
      saveHeartbeats: async (beats) => opened().sharing.saveHeartbeats(beats),
      readHeartbeats: async (workers) => opened().sharing.readHeartbeats(workers),
    },
    apply: async (changes) => opened().apply(changes),
    claim: async (requests) => opened().claim(requests),
    read: async (keys) => opened().read(keys),
    readByOperation: async (operations) => opened().readByOperation(operations),
    readReplies: async (keys) => opened().readReplies(keys),
    list: async (query) => opened().list(query),
    search: async (query) => opened().search(query),
    statusCounts: async (query) => opened().statusCounts(query),
    types: async () => opened().types(),
    history: async (query) => opened().history(query),
    records: async (root) => opened().records(root),
    nextDueAt: async (places) => opened().nextDueAt(places),
    overdue: async (at, limit) => opened().overdue(at, limit),
    nextOverdueAt: async () => opened().nextOverdueAt(),
    claimedOperations: async (workers) => opened().claimedOperations(workers),
    unclaimedInProgress: async (query) => opened().unclaimedInProgress(query),
    counts: async () => opened().counts(),
    saveDurations: async (samples) => opened().saveDurations(samples),
    durations: async () => opened().durations(),
    addSettledCounts: async (counts) => opened().addSettledCounts(counts),
    settledCounts: async (query) => opened().settledCounts(query),
    purge: async (request) => opened().purge(request),
  };
}
