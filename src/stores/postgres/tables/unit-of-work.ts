import type { Change, IdempotentReply } from "../../../core/change.ts";
import type { HistoryEntry } from "../../../core/history.ts";
import { isInProgress } from "../../../core/operation.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult, ReplyKey } from "../../../core/ports/store.ts";
import {
  type ReceivedMessage,
  type Resource,
  type ResourceKey,
  resourceKeyText,
  type StepRecord,
} from "../../../core/resource.ts";
import { applyChange, type Tables, type TransactionRow } from "../../apply-change.ts";
import type { Turn } from "../../turns.ts";
import type { RowValues } from "../../values.ts";

/** A row that a transaction has locked or inserts. */
export interface UnitOfWorkRow extends TransactionRow {
  resource: Resource | undefined;
  /** The values in the table; undefined if the row is not there. */
  readonly stored: RowValues | undefined;
  isChanged: boolean;
}

/** The rows that a transaction has read: all that its changes may need. */
export interface UnitOfWorkState {
  readonly rows: readonly UnitOfWorkRow[];
  /** Ids for rows to be inserted. */
  readonly reservedRowIds: readonly number[];
  readonly records: readonly (readonly [root: string, record: StepRecord])[];
  readonly messages: readonly (readonly [rowId: number, message: ReceivedMessage])[];
  readonly replies: readonly IdempotentReply[];
  /** Number of resources in progress by type, for the types with a limit. */
  readonly inProgress: ReadonlyMap<string, number>;
  /** Number of resources in progress by owner, for the owners with a limit. */
  readonly inProgressOfOwners: ReadonlyMap<string, number>;
  /** Number of due operations by type, for the types with claims. */
  readonly due: ReadonlyMap<string, number>;
}

/** The state of a transaction that has read nothing. */
export const EMPTY_STATE: UnitOfWorkState = {
  rows: [],
  reservedRowIds: [],
  records: [],
  messages: [],
  replies: [],
  inProgress: new Map(),
  inProgressOfOwners: new Map(),
  due: new Map(),
};

/** The tables as one transaction sees them, in memory, and its pending writes: each row once. */
export interface UnitOfWork extends Tables<UnitOfWorkRow> {
  readonly resources: UnitOfWorkRows;
  readonly writes: PendingWrites;
}

type UnitOfWorkRows = Tables<UnitOfWorkRow>["resources"] & {
  rows(): Iterable<UnitOfWorkRow>;
  /** Counts operations that this transaction made due. */
  countDue(type: string): number;
};

export interface PendingWrites {
  readonly history: (readonly [rowId: number, entry: HistoryEntry])[];
  /** The latest record of each step. */
  readonly records: Map<string, readonly [root: string, record: StepRecord]>;
  /** Roots whose failed records are removed or reopened. */
  readonly cleared: Set<string>;
  /** Records that this transaction saved and then cleared. */
  readonly dropped: Map<string, readonly [root: string, step: string]>;
  /** Roots whose records are all removed. */
  readonly removed: Set<string>;
  readonly messages: (readonly [rowId: number, root: string, message: ReceivedMessage])[];
  readonly replies: (readonly [reply: IdempotentReply, at: number])[];
  readonly turns: Turn[];
}

export function createUnitOfWork(state: UnitOfWorkState): UnitOfWork {
  const writes: PendingWrites = {
    history: [],
    records: new Map(),
    cleared: new Set(),
    dropped: new Map(),
    removed: new Set(),
    messages: [],
    replies: [],
    turns: [],
  };
  const records = new Map(state.records.map(([root, record]) => [joinedKey(root, record.step), record]));
  const messages = new Map(state.messages.map(([rowId, message]) => [joinedKey(rowId, message.id), message]));
  const replies = new Map(state.replies.map((reply) => [joinedKey(reply.principal, reply.key), reply]));
  const resources = createRows(state);
  return {
    writes,
    resources,
    countDue: ({ type }) => (state.due.get(type) ?? 0) + resources.countDue(type),
    records: {
      record: (root, step) => records.get(joinedKey(root, step)),
      save(root, record) {
        records.set(joinedKey(root, record.step), record);
        writes.records.set(joinedKey(root, record.step), [root, record]);
      },
      clearFailed(root) {
        writes.cleared.add(root);
        for (const [key, record] of records) {
          if (record.state !== "failed" || !key.startsWith(joinedKey(root, ""))) continue;
          const isSaved = writes.records.delete(key);
          if (record.undo) {
            const reopened: StepRecord = { ...record, state: "started", result: null, error: null };
            records.set(key, reopened);
            if (isSaved) writes.records.set(key, [root, reopened]);
          } else {
            records.delete(key);
            if (isSaved) writes.dropped.set(key, [root, record.step]);
          }
        }
      },
      remove: (root) => void writes.removed.add(root),
    },
    received: {
      message: (rowId, id) => messages.get(joinedKey(rowId, id)),
      save(rowId, root, message) {
        messages.set(joinedKey(rowId, message.id), message);
        writes.messages.push([rowId, root, message]);
      },
    },
    history: { add: (rowId, entry) => void writes.history.push([rowId, entry]) },
    inProgress: createCounting(state),
    turns: { ready: (turn) => void writes.turns.push(turn) },
    reply: ({ principal, key }: ReplyKey) => replies.get(joinedKey(principal, key)),
    saveReply(reply, at) {
      replies.set(joinedKey(reply.principal, reply.key), reply);
      writes.replies.push([reply, at]);
    },
  };
}

/** The result of a batch before it is written. */
export interface ReducedBatch {
  readonly unitOfWork: UnitOfWork;
  readonly applied: readonly ApplyResult[];
}

export function reduceBatch(state: UnitOfWorkState, policies: Policies, changes: readonly Change[]): ReducedBatch {
  const unitOfWork = createUnitOfWork(state);
  return { unitOfWork, applied: changes.map((change) => applyChange(unitOfWork, policies, change)) };
}

const NO_ROW_ID = 0;

function createRows({ rows, reservedRowIds }: UnitOfWorkState): UnitOfWorkRows {
  const due = new Map<string, number>();
  const byKey = new Map<string, UnitOfWorkRow>();
  const byOperation = new Map<string, UnitOfWorkRow>();
  const unused = reservedRowIds.toReversed();
  const cache = (row: UnitOfWorkRow, { type, id, operation }: Resource): void => {
    byKey.set(resourceKeyText({ type, id }), row);
    byOperation.set(operation.id, row);
  };
  for (const row of rows) if (row.resource !== undefined) cache(row, row.resource);
  return {
    rows: () => byKey.values(),
    byKey({ type, id }: ResourceKey) {
      const cached = byKey.get(resourceKeyText({ type, id }));
      if (cached !== undefined) return cached;
      const row = { rowId: unused.pop() ?? NO_ROW_ID, resource: undefined, stored: undefined, isChanged: false };
      byKey.set(resourceKeyText({ type, id }), row);
      return row;
    },
    byOperation: (operation) => byOperation.get(operation),
    countDue: (type) => due.get(type) ?? 0,
    put(row, resource) {
      const more = Number(isDue(resource)) - Number(row.isChanged && row.resource !== undefined && isDue(row.resource));
      if (more !== 0) due.set(resource.type, (due.get(resource.type) ?? 0) + more);
      // A batch that needs more rows than it has reserved is applied in parts.
      if (row.rowId === NO_ROW_ID) throw new RangeError("no id is reserved for a new row");
      row.resource = resource;
      row.isChanged = true;
      cache(row, resource);
    },
  };
}

function isDue({ updatedAt, operation: { dueAt, turn } }: Resource): boolean {
  return dueAt !== null && turn === null && dueAt <= updatedAt;
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
