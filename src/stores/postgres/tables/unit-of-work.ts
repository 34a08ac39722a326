import type { IdempotentReply } from "../../../core/change.ts";
import type { HistoryEntry } from "../../../core/history.ts";
import { isInProgress } from "../../../core/operation.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import {
  type ReceivedMessage,
  type Resource,
  type ResourceKey,
  resourceKeyText,
  type StepRecord,
} from "../../../core/resource.ts";
import type { TransactionRow, Tables } from "../../apply-change.ts";
import type { RowValues } from "../../values.ts";

/** A row that a transaction has locked, or makes. */
export interface UnitOfWorkRow extends TransactionRow {
  resource: Resource | undefined;
  /** As the table has it; undefined where the row is not there. */
  readonly stored: RowValues | undefined;
  isChanged: boolean;
}

/** What a transaction has read: all that its changes may ask for. */
export interface UnitOfWorkState {
  readonly rows: readonly UnitOfWorkRow[];
  /** Numbers for rows to be made. */
  readonly reservedRowIds: readonly number[];
  readonly records: readonly (readonly [root: string, record: StepRecord])[];
  readonly messages: readonly (readonly [row: number, message: ReceivedMessage])[];
  readonly replies: readonly IdempotentReply[];
  /** How many resources of a type are in progress, where a change asks. */
  readonly inProgress: ReadonlyMap<string, number>;
  /** And how many of an owner. */
  readonly inProgressOfOwners: ReadonlyMap<string, number>;
}

/** Where nothing was read. */
export const EMPTY_STATE: UnitOfWorkState = {
  rows: [],
  reservedRowIds: [],
  records: [],
  messages: [],
  replies: [],
  inProgress: new Map(),
  inProgressOfOwners: new Map(),
};

/** The tables as one transaction sees them, in memory, and what it has to write: each row once. */
export interface UnitOfWork extends Tables<UnitOfWorkRow> {
  readonly resources: Tables<UnitOfWorkRow>["resources"] & { rows(): Iterable<UnitOfWorkRow> };
  readonly writes: PendingWrites;
}

export interface PendingWrites {
  readonly history: (readonly [row: number, entry: HistoryEntry])[];
  /** The latest of each step. */
  readonly records: Map<string, readonly [root: string, record: StepRecord]>;
  /** Roots of which the failed records go. */
  readonly cleared: Set<string>;
  /** Roots of which all records go. */
  readonly removed: Set<string>;
  readonly messages: (readonly [row: number, root: string, message: ReceivedMessage])[];
  readonly replies: (readonly [reply: IdempotentReply, at: number])[];
}

export function createUnitOfWork(start: UnitOfWorkState): UnitOfWork {
  const writes: PendingWrites = {
    history: [],
    records: new Map(),
    cleared: new Set(),
    removed: new Set(),
    messages: [],
    replies: [],
  };
  const records = new Map(start.records.map(([root, record]) => [joinedKey(root, record.step), record]));
  const messages = new Map(start.messages.map(([row, message]) => [joinedKey(row, message.id), message]));
  const replies = new Map(start.replies.map((reply) => [joinedKey(reply.principal, reply.key), reply]));
  return {
    writes,
    resources: createRows(start),
    records: {
      record: (root, step) => records.get(joinedKey(root, step)),
      save(root, record) {
        records.set(joinedKey(root, record.step), record);
        writes.records.set(joinedKey(root, record.step), [root, record]);
      },
      // Whoever still held the attempt has let go of it: no record of the root is asked for again in this transaction.
      clearFailed: (root) => void writes.cleared.add(root),
      remove: (root) => void writes.removed.add(root),
    },
    received: {
      message: (row, id) => messages.get(joinedKey(row, id)),
      save(row, root, message) {
        messages.set(joinedKey(row, message.id), message);
        writes.messages.push([row, root, message]);
      },
    },
    history: { add: (row, entry) => void writes.history.push([row, entry]) },
    inProgress: createCounting(start),
    reply: ({ principal, key }: ReplyKey) => replies.get(joinedKey(principal, key)),
    saveReply(reply, at) {
      replies.set(joinedKey(reply.principal, reply.key), reply);
      writes.replies.push([reply, at]);
    },
  };
}

function createRows({ rows, reservedRowIds: freeRows }: UnitOfWorkState): UnitOfWork["resources"] {
  const byKey = new Map<string, UnitOfWorkRow>();
  const byOperation = new Map<string, UnitOfWorkRow>();
  const unused = freeRows.toReversed();
  const remember = (slot: UnitOfWorkRow, { type, id, operation }: Resource): void => {
    byKey.set(resourceKeyText({ type, id }), slot);
    byOperation.set(operation.id, slot);
  };
  for (const slot of rows) if (slot.resource !== undefined) remember(slot, slot.resource);
  return {
    rows: () => byKey.values(),
    byKey({ type, id }: ResourceKey) {
      const known = byKey.get(resourceKeyText({ type, id }));
      if (known !== undefined) return known;
      const row = unused.pop();
      const slot: UnitOfWorkRow = { rowId: row ?? 0, resource: undefined, stored: undefined, isChanged: false };
      byKey.set(resourceKeyText({ type, id }), slot);
      return slot;
    },
    byOperation: (operation) => byOperation.get(operation),
    put(slot, resource) {
      slot.resource = resource;
      slot.isChanged = true;
      remember(slot, resource);
    },
  };
}

function createCounting({ inProgress, inProgressOfOwners }: UnitOfWorkState): UnitOfWork["inProgress"] {
  const byType = new Map(inProgress);
  const byOwner = new Map(inProgressOfOwners);
  const add = (counts: Map<string, number>, name: string, more: number): void => {
    const count = counts.get(name);
    if (count !== undefined) counts.set(name, count + more);
  };
  return {
    ofType: (type) => byType.get(type) ?? 0,
    ofOwner: (owner) => byOwner.get(owner) ?? 0,
    move(before, after) {
      if (byType.size + byOwner.size === 0) return;
      const was = before !== undefined && isInProgress(before.operation);
      const more = Number(isInProgress(after.operation)) - Number(was);
      add(byType, after.type, more);
      if (after.owner !== null) add(byOwner, after.owner, more);
    },
  };
}

function joinedKey(first: string | number, second: string): string {
  return `${first}\0${second}`;
}
