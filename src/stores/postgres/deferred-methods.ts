import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { Store } from "../../core/ports/store.ts";
import type { OpenStore } from "./open-store.ts";

/**
 * Creates the methods of a store that can be called only while it is open.
 *
 * @param opened throws if the store is not open
 * @param ifOpen returns undefined if the store is not open
 */
export function deferredMethods(
  opened: () => OpenStore,
  ifOpen: () => OpenStore | undefined,
): Omit<Store, "name" | "open" | "close" | "prepare"> {
  return {
    sharing: {
      publish(message) {
        ifOpen()?.sharing.publish(message);
      },
      subscribe: (listener) => opened().sharing.subscribe(listener),
      saveHeartbeats: async (heartbeats) => opened().sharing.saveHeartbeats(heartbeats),
      readHeartbeats: async (workers) => opened().sharing.readHeartbeats(workers),
      now: async () => opened().sharing.now(),
    },
    apply: async (changes, options) => opened().apply(changes, options),
    claim: async (requests) => opened().claim(requests),
    read: async (keys) => opened().read(keys),
    readByOperation: async (operations) => opened().readByOperation(operations),
    readReplies: async (keys) => opened().readReplies(keys),
    list: async (query) => opened().list(query),
    find: async (query) => opened().find(query),
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
    transactions: {
      within: async (client, use) => opened().transactions.within(client, use),
      onCommitted: (callback) => opened().transactions.onCommitted(callback),
    },
    turns: { queue: async (query) => opened().turns.queue(query) },
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
