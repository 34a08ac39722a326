import type { Change, IdempotentReply } from "../../../src/core/change.ts";
import type { HistoryEntry } from "../../../src/core/history.ts";
import { isInProgress } from "../../../src/core/operation.ts";
import type { ChangeFeedListener } from "../../../src/core/ports/change-feed.ts";
import type { ApplyResult, ReplyKey } from "../../../src/core/ports/store.ts";
import {
  type ReceivedMessage,
  type Resource,
  type ResourceKey,
  resourceKeyText,
  type StepRecord,
} from "../../../src/core/resource.ts";
import type { StoredClock } from "../../../src/core/scheduling/clock-step.ts";
import type { DueQuery, Tables } from "../../../src/stores/apply-change.ts";
import { COLUMNS, resourceOf, valuesOf } from "../../../src/stores/resource-row.ts";
import { historyValues, messageValues, recordOf, recordValues, replyValues } from "../../../src/stores/rows.ts";
import type { Turn } from "../../../src/stores/turns.ts";
import { type ColumnValue, toStorable, UnstorableValue } from "../../../src/stores/values.ts";
import { UndoLog } from "./undo-log.ts";

/** A row: the resource as it is stored. */
export interface MemoryRow {
  readonly rowId: number;
  resource: Resource | undefined;
}

export interface StoredMessage {
  readonly root: string;
  readonly message: ReceivedMessage;
}

/** A row of the history of all resources. */
export interface StoredEntry {
  readonly rowId: number;
  readonly entry: HistoryEntry;
}

export interface StoredReply {
  readonly at: number;
  readonly reply: IdempotentReply;
}

/** Called with a row before and after a change. */
export type RowListener = (before: Resource | undefined, after: Resource) => void;

const COLUMN_NAMES = COLUMNS.map((name) => `resources.${name}`);

/** Everything that the handles of one location share: the tables as maps, and what the processes tell each other. */
export class MemoryDatabase implements Tables<MemoryRow> {
  readonly undoLog = new UndoLog();
  readonly rows = new Map<string, MemoryRow>();
  readonly rowsById = new Map<number, MemoryRow>();
  readonly byOperation = new Map<string, MemoryRow>();
  /** Rows with an operation in progress: those that claims and checks of limits examine. */
  readonly unsettled = new Set<MemoryRow>();
  readonly stepRecords = new Map<string, Map<string, StepRecord>>();
  readonly messages = new Map<number, Map<string, StoredMessage>>();
  readonly entries = new Map<number, StoredEntry>();
  readonly sequencesOf = new Map<number, Set<number>>();
  readonly replies = new Map<string, StoredReply>();
  /** Turns by type and key, with the instant from which the turn is ready; null while its limit is reached. */
  readonly turnsReady = new Map<string, { readonly type: string; readonly turn: string; readyAt: number | null }>();
  /** The newest claim of each worker. */
  readonly claims = new Map<string, number>();
  readonly redactions = new Map<string, string>();
  readonly heartbeats = new Map<string, number>();
  readonly listeners = new Map<object, Set<ChangeFeedListener>>();
  readonly onChange = new Set<RowListener>();
  /** Called with the record of a step before and after a change. */
  onRecord: (root: string, before: StepRecord | undefined, after: StepRecord) => void = () => {};
  /** Called with each change that a process applies, the row before it, and its result. */
  onApplied: (change: Change, before: Resource | undefined, result: ApplyResult) => void = () => {};
  clock: StoredClock = { seenAt: undefined, totalMs: 0 };
  #changes: (readonly [before: Resource | undefined, after: Resource])[] = [];
  #nextRow = 1;
  #nextSequence = 1;

  readonly resources: Tables<MemoryRow>["resources"] = {
    byKey: (key) => this.rows.get(resourceKeyText(key)) ?? { rowId: this.#nextRow++, resource: undefined },
    byOperation: (operation) => this.byOperation.get(operation),
    put: (row, resource) => this.put(row, resource),
  };

  readonly records: Tables<MemoryRow>["records"] = {
    record: (root, step) => this.stepRecords.get(root)?.get(step),
    save: (root, record) => {
      const stored = recordOf(storable(recordValues(record), "records"));
      this.onRecord(root, this.records.record(root, record.step), stored);
      this.undoLog.set(this.#recordsOf(root), record.step, stored);
    },
    clearFailed: (root) => {
      const kept = [...this.#recordsOf(root)].flatMap(([step, record]): [string, StepRecord][] => {
        if (record.state !== "failed") return [[step, record]];
        return record.undo ? [[step, { ...record, state: "started", result: null, error: null }]] : [];
      });
      this.undoLog.set(this.stepRecords, root, new Map(kept));
    },
    remove: (root) => {
      if (this.stepRecords.has(root)) this.undoLog.set(this.stepRecords, root, new Map());
    },
  };

  readonly received: Tables<MemoryRow>["received"] = {
    message: (rowId, id) => this.messages.get(rowId)?.get(id)?.message,
    save: (rowId, root, message) => {
      storable(messageValues(message), "received");
      if (!this.messages.has(rowId)) this.messages.set(rowId, new Map());
      const at = Math.round(message.at);
      this.undoLog.set(this.messages.get(rowId) ?? new Map(), message.id, { root, message: { ...message, at } });
    },
  };

  readonly history: Tables<MemoryRow>["history"] = {
    add: (rowId, entry) => {
      storable(historyValues(entry), "history");
      const sequence = this.#nextSequence++;
      this.entries.set(sequence, { rowId, entry: { ...entry, at: Math.round(entry.at) } });
      if (!this.sequencesOf.has(rowId)) this.sequencesOf.set(rowId, new Set());
      this.sequencesOf.get(rowId)?.add(sequence);
      this.undoLog.add(() => this.removeEntry(sequence));
    },
  };

  readonly inProgress: Tables<MemoryRow>["inProgress"] = {
    ofType: (type) => [...this.unsettled].filter(({ resource }) => resource?.type === type).length,
    ofOwner: (owner) => [...this.unsettled].filter(({ resource }) => resource?.owner === owner).length,
    move: () => {},
  };

  readonly turns: NonNullable<Tables<MemoryRow>["turns"]> = {
    ready: ({ type, turn, readyAt }: Turn) => {
      storable([turn, readyAt], "turns");
      const key = turnKey(type, turn);
      const known = this.turnsReady.get(key)?.readyAt;
      if (known !== undefined && known !== null && known <= readyAt) return;
      this.undoLog.set(this.turnsReady, key, { type, turn, readyAt: Math.round(readyAt) });
    },
  };

  countDue({ type, kinds, at, max }: DueQuery): number {
    const due = [...this.unsettled].filter(({ resource }) => {
      if (resource?.type !== type) return false;
      const { kind, dueAt, turn } = resource.operation;
      return turn === null && dueAt !== null && dueAt <= at && kinds.includes(kind);
    });
    return Math.min(due.length, max);
  }

  reply({ principal, key }: ReplyKey): IdempotentReply | undefined {
    return this.replies.get(JSON.stringify([principal, key]))?.reply;
  }

  saveReply(reply: IdempotentReply, at: number): void {
    storable(replyValues(reply), "replies");
    this.undoLog.set(this.replies, JSON.stringify([reply.principal, reply.key]), { at: Math.round(at), reply });
  }

  /** Writes a row, as its columns hold it. */
  put(row: MemoryRow, resource: Resource): void {
    const before = row.resource;
    const values = valuesOf(resource).map((value, index) => toStorable(value, COLUMN_NAMES[index] ?? ""));
    const other = this.byOperation.get(resource.operation.id);
    if (other !== undefined && other !== row) throw new UnstorableValue("resources.operation is not unique");
    const after = resourceOf(values);
    this.#write(row, after);
    this.undoLog.add(() => this.#write(row, before));
    this.#changes.push([before, after]);
  }

  /** Runs one entry as a transaction: a refused one changes nothing. */
  transaction<Result>(run: () => Result): Result {
    this.#changes = [];
    const result = this.undoLog.run(run);
    for (const [before, after] of this.#changes) for (const listener of this.onChange) listener(before, after);
    return result;
  }

  #write(row: MemoryRow, resource: Resource | undefined): void {
    const key = resource ?? row.resource;
    if (row.resource !== undefined) this.byOperation.delete(row.resource.operation.id);
    row.resource = resource;
    if (resource === undefined) {
      if (key !== undefined) this.rows.delete(resourceKeyText(key));
      this.rowsById.delete(row.rowId);
      this.unsettled.delete(row);
      return;
    }
    this.rows.set(resourceKeyText(resource), row);
    this.rowsById.set(row.rowId, row);
    this.byOperation.set(resource.operation.id, row);
    if (isInProgress(resource.operation)) this.unsettled.add(row);
    else this.unsettled.delete(row);
  }

  read(key: ResourceKey): Resource | undefined {
    return this.rows.get(resourceKeyText(key))?.resource;
  }

  recordsOf(root: string): StepRecord[] {
    return [...(this.stepRecords.get(root)?.values() ?? [])].toSorted((a, b) => a.position - b.position);
  }

  messagesOf(rowId: number, root: string): ReceivedMessage[] {
    return [...(this.messages.get(rowId)?.values() ?? [])]
      .filter((stored) => stored.root === root)
      .map(({ message }) => message)
      .toSorted((a, b) => a.position - b.position);
  }

  #recordsOf(root: string): Map<string, StepRecord> {
    const known = this.stepRecords.get(root);
    if (known !== undefined) return known;
    const created = new Map<string, StepRecord>();
    this.stepRecords.set(root, created);
    return created;
  }

  removeEntry(sequence: number): void {
    const entry = this.entries.get(sequence);
    this.entries.delete(sequence);
    if (entry !== undefined) this.sequencesOf.get(entry.rowId)?.delete(sequence);
  }

  removeRow(row: MemoryRow): void {
    if (row.resource !== undefined) this.stepRecords.delete(row.resource.operation.root);
    this.messages.delete(row.rowId);
    this.sequencesOf.delete(row.rowId);
    this.#write(row, undefined);
  }
}

export function turnKey(type: string, turn: string): string {
  return JSON.stringify([type, turn]);
}

/** @throws UnstorableValue for a value that a database would refuse, or return changed */
function storable(values: readonly ColumnValue[], table: string): ColumnValue[] {
  return values.map((value) => toStorable(value, table));
}
