import type { Change } from "../../../src/core/change.ts";
import { AfootError, StaleClockError, StoreOpenError, StoreUnavailableError } from "../../../src/core/errors.ts";
import { nextDeadlineAt } from "../../../src/core/operation.ts";
import type { Policies } from "../../../src/core/policy.ts";
import type { ChangeFeedListener, StoreSharing } from "../../../src/core/ports/change-feed.ts";
import type { ListQuery, Store } from "../../../src/core/ports/store.ts";
import type { Resource } from "../../../src/core/resource.ts";
import { type AdjustedClock, clockAdjustment, type ClockReading } from "../../../src/core/scheduling/clock-step.ts";
import { moveInstants } from "../../../src/core/state-machine/move-instants.ts";
import { applyChange } from "../../../src/stores/apply-change.ts";
import { storedTypeOf, typeRows } from "../../../src/stores/rows.ts";
import { UnstorableValue } from "../../../src/stores/values.ts";
import { claim, queueOf, rowsOfTurn } from "./claiming.ts";
import type { MemoryDatabase, MemoryRow } from "./database.ts";
import { purge } from "./purging.ts";

/** Creates the store of one process over a database in memory that several processes share. */
export function memoryStore(database: MemoryDatabase, now: () => number = () => Date.now()): Store {
  let policies: Policies | undefined;
  let isClosed = false;
  const self = {};

  const opened = (): Policies => {
    if (policies !== undefined && !isClosed) return policies;
    throw new StoreUnavailableError("The store in memory is not open");
  };
  const read = async <Result>(run: () => Result): Promise<Result> => {
    opened();
    return run();
  };
  /** Runs each entry in a transaction of its own. A refused entry fails the call once all others have taken effect. */
  const write = async <Entry, Result>(
    entries: readonly Entry[],
    run: (entry: Entry, policies: Policies) => Result,
  ): Promise<readonly Result[]> => {
    const declared = opened();
    const results: Result[] = [];
    const refusals: string[] = [];
    for (const entry of entries) {
      try {
        results.push(database.transaction(() => run(entry, declared)));
      } catch (error) {
        if (!(error instanceof UnstorableValue)) throw error;
        refusals.push(error.message);
      }
    }
    if (refusals.length === 0) return results;
    throw new AfootError("store-refused", `The store cannot save this: ${refusals.join("; ")}`);
  };

  return {
    name: "memory",
    async open(options) {
      if (policies !== undefined || isClosed) throw new StoreOpenError("store-open", "The store was opened before");
      policies = options.policies;
      for (const [type, redact] of typeRows(policies)) database.redactions.set(type, redact);
    },
    async close() {
      isClosed = true;
      database.listeners.delete(self);
    },
    apply: async (changes, { maxClockDriftMs = Infinity } = {}) => {
      if (changes.length > 0 && Math.abs(Math.max(...changes.map(({ at }) => at)) - now()) > maxClockDriftMs) {
        throw new StaleClockError();
      }
      return write(changes, (change, declared) => {
        const before = rowOf(database, change);
        const result = applyChange(database, declared, change);
        database.onApplied(change, before, result);
        return result;
      });
    },
    claim: (requests) => write(requests, (request, declared) => claim(database, declared, request, now())),
    purge: (request) => read(() => purge(database, request)),
    adjustToClock: (reading) => read(() => adjustToClock(database, reading)),
    checkWritable: () => read(() => {}),
    read: (keys) => read(() => keys.map((key) => database.read(key))),
    readByOperation: (operations) =>
      read(() => operations.map((operation) => database.byOperation.get(operation)?.resource)),
    readReplies: (keys) => read(() => keys.map((key) => database.reply(key))),
    list: (query) => read(() => list(database, query)),
    ...queries(database, read),
    turns: {
      queue: ({ type, turn, at, limit }) =>
        read(() =>
          queueOf(database, type, turn, at)
            .slice(0, limit)
            .flatMap(({ resource }) => resource?.operation.id ?? []),
        ),
    },
    sharing: sharing(database, self, { read, now }),
  };
}

/** Returns the row that a change names, as it is before the change. */
function rowOf(database: MemoryDatabase, change: Change): Resource | undefined {
  if (change.change === "accept") return database.read(change.key);
  const { target } = change;
  return "operation" in target ? database.byOperation.get(target.operation)?.resource : database.read(target);
}

type Read = <Result>(run: () => Result) => Promise<Result>;

function queries(database: MemoryDatabase, read: Read) {
  const unsettled = (): Resource[] => [...database.unsettled].flatMap(({ resource }) => resource ?? []);
  return {
    types: () =>
      read(() =>
        [...new Set([...database.rows.values()].flatMap(({ resource }) => resource?.type ?? []))]
          .toSorted()
          .map((type) => storedTypeOf([type, database.redactions.get(type)])),
      ),
    history: ({ key, limit, after = 0 }) =>
      read(() => {
        const rowId = database.rows.get(`${key.type}/${key.id}`)?.rowId ?? 0;
        return [...(database.sequencesOf.get(rowId) ?? [])]
          .filter((sequence) => sequence > after)
          .slice(0, limit)
          .flatMap((sequence) => {
            const stored = database.entries.get(sequence);
            return stored === undefined ? [] : [{ sequence, ...stored.entry }];
          });
      }),
    records: (root) => read(() => database.recordsOf(root)),
    nextDueAt: (slots) =>
      read(() =>
        earliest(
          slots.flatMap(({ type, kinds }) => [...dueAts(database, type, kinds), ...turnsAt(database, type, kinds)]),
        ),
      ),
    overdue: (at, limit) =>
      read(() =>
        byDeadline(database)
          .filter((row) => row.deadline <= at)
          .slice(0, limit)
          .map(({ resource }) => ({
            resource,
            stepsNotUndone:
              resource.operation.undoable === 0
                ? []
                : database
                    .recordsOf(resource.operation.root)
                    .filter(({ undo, state }) => undo && state !== "undone")
                    .map(({ step }) => step),
          })),
      ),
    nextOverdueAt: () => read(() => byDeadline(database)[0]?.deadline),
    claimedOperations: (workers) =>
      read(() =>
        unsettled().filter(({ operation: { worker } }) => worker !== null && workers?.includes(worker) !== false),
      ),
    unclaimedInProgress: ({ types, limit, after = { nextDeadlineAt: -1, row: -1 } }) =>
      read(() => {
        const found = byDeadline(database)
          .filter(({ resource }) => resource.operation.worker === null && types.includes(resource.type))
          .filter(
            ({ deadline, rowId }) =>
              deadline > after.nextDeadlineAt || (deadline === after.nextDeadlineAt && rowId > after.row),
          )
          .slice(0, limit);
        const last = found.length < limit ? undefined : found.at(-1);
        return {
          resources: found.map(({ resource }) => resource),
          next: last === undefined ? undefined : { row: last.rowId, nextDeadlineAt: last.deadline },
        };
      }),
  } satisfies Partial<Store>;
}

function dueAts({ unsettled }: MemoryDatabase, type: string, kinds: readonly string[]): number[] {
  return [...unsettled].flatMap(({ resource }) => {
    if (resource?.type !== type || resource.operation.turn !== null) return [];
    return kinds.includes(resource.operation.kind) ? (resource.operation.dueAt ?? []) : [];
  });
}

function turnsAt(database: MemoryDatabase, type: string, kinds: readonly string[]): number[] {
  const isWanted = ({ resource }: MemoryRow): boolean =>
    (resource?.operation.dueAt ?? null) !== null && kinds.includes(resource?.operation.kind ?? "");
  return [...database.turnsReady.values()].flatMap((turn) => {
    if (turn.type !== type || turn.readyAt === null) return [];
    return rowsOfTurn(database, type, turn.turn).some(isWanted) ? turn.readyAt : [];
  });
}

function earliest(instants: readonly number[]): number | undefined {
  return instants.length === 0 ? undefined : Math.min(...instants);
}

/** The rows in progress, the nearest limit first. */
function byDeadline({ unsettled }: MemoryDatabase): { resource: Resource; rowId: number; deadline: number }[] {
  return [...unsettled]
    .flatMap(({ rowId, resource }) => {
      const deadline = resource === undefined ? null : nextDeadlineAt(resource.operation);
      return resource === undefined || deadline === null ? [] : [{ rowId, resource, deadline }];
    })
    .toSorted((a, b) => a.deadline - b.deadline || a.rowId - b.rowId);
}

function list({ rows }: MemoryDatabase, { type, owner, parent, statuses, after, limit }: ListQuery): Resource[] {
  return [...rows.values()]
    .flatMap(({ resource }) => (resource?.type === type && resource.deletedAt === null ? resource : []))
    .filter((each) => owner === undefined || each.owner === owner)
    .filter((each) => parent === undefined || (each.parent?.type === parent.type && each.parent.id === parent.id))
    .filter((each) => statuses?.includes(each.status) !== false)
    .filter(
      ({ createdAt, id }) =>
        after === undefined || createdAt < after.createdAt || (createdAt === after.createdAt && id < after.id),
    )
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/** Moves the instants of everything in progress if the clock was set. */
function adjustToClock(database: MemoryDatabase, reading: ClockReading): AdjustedClock {
  const { step, stored, totalMs } = clockAdjustment(database.clock, reading);
  database.clock = stored;
  if (step === undefined) return { movedMs: 0, totalMs };
  const { byMs, updatedBetween: [from, to] = [-Infinity, Infinity] } = step;
  for (const row of database.unsettled) {
    const { resource } = row;
    if (resource === undefined || resource.updatedAt < from || resource.updatedAt > to) continue;
    row.resource = moveInstants(resource, byMs);
    const records = database.stepRecords.get(resource.operation.root);
    for (const [name, record] of records ?? []) records?.set(name, { ...record, at: record.at + byMs });
  }
  if (byMs < 0) for (const turn of database.turnsReady.values()) if (turn.readyAt !== null) turn.readyAt += byMs;
  if (byMs > 0) keepRetained(database, byMs);
  return { movedMs: byMs, totalMs };
}

/** After a step forward, tombstones and replies are kept as long as before. */
function keepRetained({ rows, replies }: MemoryDatabase, byMs: number): void {
  for (const row of rows.values()) {
    const deletedAt = row.resource?.deletedAt ?? null;
    if (row.resource === undefined || deletedAt === null) continue;
    row.resource = { ...row.resource, deletedAt: deletedAt + byMs };
  }
  for (const [key, { at, reply }] of replies) replies.set(key, { at: at + byMs, reply });
}

function sharing(
  database: MemoryDatabase,
  self: object,
  { read, now }: { readonly read: Read; readonly now: () => number },
): StoreSharing {
  return {
    publish(message) {
      for (const [other, listeners] of database.listeners) {
        if (other === self) continue;
        for (const { onMessage } of listeners) queueMicrotask(() => onMessage(message));
      }
    },
    subscribe(listener: ChangeFeedListener) {
      const own = database.listeners.get(self) ?? new Set();
      database.listeners.set(self, own.add(listener));
      queueMicrotask(() => listener.onGap());
      return () => void own.delete(listener);
    },
    saveHeartbeats: (beats) =>
      read(() => {
        for (const { worker, number } of beats) {
          database.heartbeats.set(worker, Math.max(number, database.heartbeats.get(worker) ?? number));
        }
      }),
    readHeartbeats: (workers) =>
      read(() =>
        workers.flatMap((worker) => {
          const number = database.heartbeats.get(worker);
          return number === undefined ? [] : [{ worker, number }];
        }),
      ),
    now: () => read(now),
  };
}
