import { StoreOpenError, StoreUnavailableError } from "../../core/errors.ts";
import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { Store } from "../../core/ports/store.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { type PostgresStoreOptions, settingsOf, shownUrl } from "./connection/options.ts";
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
      `The store ${shownUrl(settings.url)} is ${closed === undefined ? "not open yet" : "closed"}`,
    );
  };

  return {
    name: "postgres",
    async open({ policies }) {
      if (used) {
        throw new StoreOpenError("store-open", "This store was opened before; create another with postgresStore()");
      }
      used = true;
      await openDatabase(settings, policies);
      store = openStore(settings, policies, systemClock);
    },
    close() {
      used = true;
      closed ??= store?.close() ?? Promise.resolve();
      return closed;
    },

    sharing: {
      publish(message) {
        if (closed === undefined) store?.sharing.publish(message);
      },
      subscribe: (listener) => opened().sharing.subscribe(listener),
      saveHeartbeats: async (heartbeats) => opened().sharing.saveHeartbeats(heartbeats),
      readHeartbeats: async (workers) => opened().sharing.readHeartbeats(workers),
      now: async () => opened().sharing.now(),
    },
    apply: async (changes) => opened().apply(changes),
    claim: async (requests) => opened().claim(requests),
    read: async (keys) => opened().read(keys),
    readByOperation: async (operations) => opened().readByOperation(operations),
    readReplies: async (keys) => opened().readReplies(keys),
    list: async (query) => opened().list(query),
    types: async () => opened().types(),
    history: async (query) => opened().history(query),
    records: async (root) => opened().records(root),
    nextDueAt: async (slots) => opened().nextDueAt(slots),
    overdue: async (at, limit) => opened().overdue(at, limit),
    nextOverdueAt: async () => opened().nextOverdueAt(),
    claimedOperations: async (workers) => opened().claimedOperations(workers),
    unclaimedInProgress: async (query) => opened().unclaimedInProgress(query),
    purge: async (request) => opened().purge(request),
    adjustToClock: async (reading) => opened().adjustToClock(reading),
    checkWritable: async () => opened().checkWritable(),
    reporting: delegateReporting(opened),
  };
}

function delegateReporting(opened: () => OpenStore): StoreReporting {
  return {
    search: async (query) => opened().reporting.search(query),
    statusCounts: async (query) => opened().reporting.statusCounts(query),
    inProgressCounts: async () => opened().reporting.inProgressCounts(),
    saveDurations: async (samples) => opened().reporting.saveDurations(samples),
    durations: async () => opened().reporting.durations(),
    addSettledCounts: async (counts) => opened().reporting.addSettledCounts(counts),
    settledCounts: async (query) => opened().reporting.settledCounts(query),
  };
}
