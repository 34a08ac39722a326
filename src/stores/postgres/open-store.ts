import { AfootError, isAfootError, StoreFullError, StoreUnavailableError } from "../../core/errors.ts";
import type { StoreSharing } from "../../core/ports/change-feed.ts";
import type { StoreReporting } from "../../core/ports/reporting.ts";
import type { Store, StoreOpenOptions, StoreTurns } from "../../core/ports/store.ts";
import type { StoreTransactions } from "../../core/ports/transactions.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import { openConnections } from "./connection/connections.ts";
import type { Settings } from "./connection/options.ts";
import { PostgresError, messageOf } from "./connection/postgres-error.ts";
import { DiskStatus } from "./disk-status.ts";
import { createInProgress } from "./read/in-progress.ts";
import { createListReading } from "./read/list.ts";
import { createReads } from "./read/reads.ts";
import { createReporting } from "./reporting.ts";
import { openSharing } from "./sharing/sharing.ts";
import { createStoreTables } from "./tables/tables.ts";
import { PendingCommits } from "./transactions/pending-commits.ts";
import { createTransactions } from "./transactions/transactions.ts";
import { createClockWriting } from "./write/clock.ts";
import { openWriter } from "./write/open-writer.ts";
import { createPurging } from "./write/purge.ts";

/** An open store: everything except its name and its opening. */
export interface OpenStore extends Omit<Store, "name" | "open"> {
  readonly find: NonNullable<Store["find"]>;
  readonly sharing: StoreSharing;
  readonly reporting: StoreReporting;
  readonly transactions: StoreTransactions;
  readonly turns: StoreTurns;
}

export interface OpenStoreOptions extends Pick<StoreOpenOptions, "policies" | "onDiskFull" | "onWarning"> {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Identity of the database. */
  readonly database: string;
}

export function openStore(options: OpenStoreOptions): OpenStore {
  const { settings, policies, onDiskFull, clock, database } = options;
  const { schema } = settings;
  const connections = openConnections(settings, { clock });
  const tables = createStoreTables(schema, policies);
  const writer = openWriter({ settings, policies, connections, tables, clock });
  const reads = createReads(schema, connections, tables.replies);
  const inProgress = createInProgress(schema, connections, tables);
  const listing = createListReading(schema, connections);
  const purge = createPurging(schema, connections);
  const clockWriting = createClockWriting(schema, connections);
  const pendingCommits = new PendingCommits();
  const sharing = openSharing({ ...options, connections, onNotices: pendingCommits.receive });
  const disk = new DiskStatus(clock, onDiskFull);
  const pending = new Set<Promise<unknown>>();

  const guarded = async <Result>(call: Promise<Result>): Promise<Result> => {
    pending.add(call);
    try {
      return await call;
    } catch (error) {
      throw callerErrorOf(error);
    } finally {
      pending.delete(call);
    }
  };

  return {
    sharing: guardedSharing(sharing, guarded),
    apply: (changes, limit) => disk.observe(guarded(writer.apply(changes, limit))),
    claim: (requests) => guarded(writer.claim(requests)),
    purge: (request) => guarded(purge(request)),
    adjustToClock: (reading) => guarded(clockWriting.adjustToClock(reading)),
    async checkWritable() {
      disk.check();
      await guarded(clockWriting.checkWritable());
    },
    read: (keys) => guarded(Promise.all(keys.map(reads.resource))),
    readByOperation: (operations) => guarded(Promise.all(operations.map(reads.byOperation))),
    readReplies: (keys) => guarded(Promise.all(keys.map(reads.reply))),
    list: (query) => guarded(listing.list(query)),
    find: (query) => guarded(listing.find(query)),
    types: () => guarded(listing.types()),
    history: (query) => guarded(tables.history.read(connections, query)),
    records: (root) =>
      guarded(tables.records.ofRoots(connections, [root]).then((found) => found.map(([, record]) => record))),
    nextDueAt: (slots) => guarded(inProgress.nextDueAt(slots)),
    overdue: (at, limit) => guarded(inProgress.overdue(at, limit)),
    nextOverdueAt: () => guarded(inProgress.nextOverdueAt()),
    claimedOperations: (workers) => guarded(inProgress.claimedOperations(workers)),
    unclaimedInProgress: (query) => guarded(inProgress.unclaimedInProgress(query)),
    reporting: createReporting({ schema, connections, search: listing.search, inProgress, guarded }),
    transactions: createTransactions({ schema, policies, tables, database, pendingCommits }),
    turns: { queue: (query) => guarded(reads.turnQueue(query)) },
    async close() {
      await Promise.allSettled(pending);
      await sharing.close();
      await connections.close();
    },
  };
}

function guardedSharing(
  sharing: StoreSharing,
  guarded: <Result>(call: Promise<Result>) => Promise<Result>,
): StoreSharing {
  return {
    ...sharing,
    saveHeartbeats: (heartbeats) => guarded(sharing.saveHeartbeats(heartbeats)),
    readHeartbeats: (workers) => guarded(sharing.readHeartbeats(workers)),
    now: () => guarded(sharing.now()),
  };
}

/** Hints for operators, by SQLSTATE. */
const HINTS: Readonly<Record<string, string>> = {
  // A missing or duplicate prepared statement: a pooler has switched the session.
  "26000": "; behind a pooler, set transactionPooler",
  "42P05": "; behind a pooler, set transactionPooler",
  "25006": "; the database is a standby, or default_transaction_read_only is on: connect to the primary",
};

function callerErrorOf(error: unknown): AfootError {
  if (isAfootError(error)) return error;
  if (error instanceof PostgresError && error.kind === "full") {
    const advice = "free disk space on its server, then writes succeed again";
    return new StoreFullError(`The disk of PostgreSQL is full (${error.message}); ${advice}`, { cause: error });
  }
  if (error instanceof PostgresError && error.kind !== "entry") {
    const hint = HINTS[error.sqlState ?? ""] ?? "";
    return new StoreUnavailableError(`PostgreSQL is not available: ${error.message}${hint}`, { cause: error });
  }
  return new AfootError("store-refused", `The store cannot save this: ${messageOf(error)}`, { cause: error });
}
