import type { Change } from "../../../src/core/change.ts";
import { StoreFullError, StoreUnavailableError } from "../../../src/core/errors.ts";
import type { ChangeFeedListener, StoreSharing } from "../../../src/core/ports/change-feed.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { MemoryDatabase } from "../store/database.ts";
import { memoryStore } from "../store/memory-store.ts";
import type { Boundary } from "../world/boundary.ts";
import type { Chance } from "../world/chance.ts";
import type { System } from "./system.ts";

export interface SimulatedStoreParts {
  readonly system: System;
  readonly boundary: Boundary;
  readonly chance: Chance;
  /** Called after the store is open, before the app uses it. */
  readonly onOpen: () => Promise<void>;
}

/** Creates the connection of one process to the shared database: each call takes time, and may fail in transit. */
export function simulatedStore(parts: SimulatedStoreParts): Store {
  const { system, boundary, chance } = parts;
  const { database, state, scheduler, wallClock, workers } = system;
  const inner = memoryStore(database, wallClock);

  const call = <Result>(name: string, effect: () => Promise<Result>): Promise<Awaited<Result>> =>
    boundary.call(name, async () => {
      const isLost = state.unreachableUntil > scheduler.now || chance.happens(state.lostAnswers);
      if (!isLost) return effect();
      // The answer is lost, with or without the effect.
      if (chance.happens(0.5)) await effect().catch(() => {});
      throw new StoreUnavailableError("The database is unreachable");
    });
  const isFull = (): boolean => state.fullUntil > scheduler.now;
  const full = (): StoreFullError => new StoreFullError("The disk of the database is full");

  return {
    name: "simulated",
    async open(options) {
      await inner.open({ ...options, onFatal: () => boundary.end() });
      await parts.onOpen();
    },
    close: () => inner.close(),
    apply: (changes, limit) =>
      call(`apply ${changes.map(nameOf).join(", ")}`, async () => {
        if (!isFull()) return inner.apply(changes, limit);
        const small = changes.filter((change) => !needsRoom(database, change));
        const results = await inner.apply(small, limit);
        if (small.length < changes.length) throw full();
        return results;
      }),
    claim: (requests) =>
      call(`claim ${requests.map(({ worker, claim }) => `${worker.slice(-4)}#${claim}`).join(", ")}`, async () => {
        if (isFull()) throw full();
        // With a network, the process of the worker is another one.
        if (system.network === undefined) for (const { worker } of requests) workers.set(worker, boundary);
        return inner.claim(requests);
      }),
    purge: (request) => call("purge", () => inner.purge(request)),
    adjustToClock: (reading) => call(`adjustToClock ${reading.at}`, () => inner.adjustToClock(reading)),
    checkWritable: () =>
      call("checkWritable", async () => {
        if (isFull()) throw full();
        await inner.checkWritable();
      }),
    ...reads(inner, call),
    sharing: simulatedSharing(inner.sharing, parts, call),
  };
}

type Call = <Result>(name: string, effect: () => Promise<Result>) => Promise<Awaited<Result>>;

function reads(inner: Store, call: Call) {
  return {
    read: (keys) => call(`read ${keys.map(({ id }) => id.slice(-4)).join(",")}`, () => inner.read(keys)),
    readByOperation: (operations) => call("readByOperation", () => inner.readByOperation(operations)),
    readReplies: (keys) => call("readReplies", () => inner.readReplies(keys)),
    list: (query) => call("list", () => inner.list(query)),
    types: () => call("types", () => inner.types()),
    history: (query) => call("history", () => inner.history(query)),
    records: (root) => call("records", () => inner.records(root)),
    nextDueAt: (slots) => call("nextDueAt", () => inner.nextDueAt(slots)),
    overdue: (at, limit) => call("overdue", () => inner.overdue(at, limit)),
    nextOverdueAt: () => call("nextOverdueAt", () => inner.nextOverdueAt()),
    claimedOperations: (workers) => call("claimedOperations", () => inner.claimedOperations(workers)),
    unclaimedInProgress: (query) => call("unclaimedInProgress", () => inner.unclaimedInProgress(query)),
    turns: { queue: (query) => call("turns.queue", async () => (await inner.turns?.queue(query)) ?? []) },
  } satisfies Partial<Store>;
}

function simulatedSharing(
  inner: StoreSharing | undefined,
  { boundary, chance, system: { scheduler, state } }: SimulatedStoreParts,
  call: Call,
): StoreSharing {
  if (inner === undefined) throw new TypeError("the store in memory is shared");
  /** Delivers a message after a delay of its own: late, in another order, or never. */
  const arrive = (callback: () => void): void => {
    if (chance.happens(state.lostHints)) return;
    const ms = chance.happens(0.05) ? chance.between(50, 3000) : chance.between(0.1, 20);
    scheduler.after(ms, () => boundary.deliver(callback));
  };
  return {
    publish(message) {
      if (boundary.isAlive && state.unreachableUntil <= scheduler.now) inner.publish(message);
    },
    subscribe: (listener: ChangeFeedListener) =>
      inner.subscribe({
        onMessage: (message) => arrive(() => listener.onMessage(message)),
        onGap: () => scheduler.after(1, () => boundary.deliver(() => listener.onGap())),
      }),
    saveHeartbeats: (beats) => call("saveHeartbeats", () => inner.saveHeartbeats(beats)),
    readHeartbeats: (workers) => call("readHeartbeats", () => inner.readHeartbeats(workers)),
    now: () => call("now", () => inner.now()),
  };
}

/** Returns true if a change stores new data, which a full disk refuses. */
function needsRoom(database: MemoryDatabase, change: Change): boolean {
  if (change.idempotency !== undefined && database.reply(change.idempotency) !== undefined) return false;
  if (change.change === "accept") return change.operation.kind !== "delete";
  return change.event.event === "received";
}

function nameOf(change: Change): string {
  if (change.change === "accept") return `accept ${change.operation.kind} ${change.key.id.slice(-4)}`;
  const { event, target } = change;
  const on = "operation" in target ? target.operation : target.id;
  const attempt = "attempt" in event ? `/${event.attempt}` : "";
  const step = "step" in event && "state" in event ? ` ${event.step} ${event.state}` : "";
  return `${event.event}${step} ${on.slice(-4)}${attempt}`;
}
