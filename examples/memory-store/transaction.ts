import {
  COLUMNS,
  isInProgress,
  type Resource,
  resourceOf,
  type StepRecord,
  type Tables,
  toStorable,
  valuesOf,
} from "afoot/stores";
import { type MemoryContents, nameOf, type Row } from "./contents.ts";

export interface Transaction {
  readonly tables: Tables<Row>;
  /** Makes the collected writes. */
  readonly write: () => void;
}

/** Creates the tables of one change. Its writes are collected, so a refused change leaves nothing behind. */
export function createTransaction(contents: MemoryContents): Transaction {
  const { rows, history, records, received, replies } = contents;
  const writes: (() => void)[] = [];
  const all = (): Row[] => [...rows.values()];
  const inProgress = (isCounted: (resource: Resource) => boolean): number =>
    [...rows.values()].filter(({ resource }) => isInProgress(resource.operation) && isCounted(resource)).length;
  const tables: Tables<Row> = {
    resources: {
      byKey: ({ type, id }) => rows.get(nameOf(type, id)) ?? { rowId: contents.lastRowId + 1, resource: undefined },
      byOperation: (operation) => all().find(({ resource }) => resource?.operation.id === operation),
      put(row, resource) {
        const stored = storable(resource);
        const other = tables.resources.byOperation(resource.operation.id);
        if (other !== undefined && other.rowId !== row.rowId) throw new Error("another resource has this operation");
        writes.push(() => {
          contents.lastRowId = Math.max(contents.lastRowId, row.rowId);
          rows.set(nameOf(resource.type, resource.id), Object.assign(row, { resource: stored }));
        });
      },
    },
    records: {
      record: (root, step) => records.get(root)?.get(step),
      save(root, record) {
        toStorable(record.result, "records.result");
        writes.push(() => entryOf(records, root, () => new Map()).set(record.step, record));
      },
      clearFailed: (root) => writes.push(() => clearFailed(records.get(root) ?? new Map<string, StepRecord>())),
      remove: (root) => writes.push(() => records.delete(root)),
    },
    received: {
      message: (rowId, id) => received.get(rowId)?.get(id),
      save(rowId, root, message) {
        toStorable(message.value, "received.value");
        writes.push(() => entryOf(received, rowId, () => new Map()).set(message.id, { ...message, root }));
      },
    },
    history: {
      add: (rowId, entry) =>
        writes.push(() => entryOf(history, rowId, () => []).push({ ...entry, sequence: ++contents.lastSequence })),
    },
    inProgress: {
      ofType: (type) => inProgress((resource) => resource.type === type),
      ofOwner: (owner) => inProgress((resource) => resource.owner === owner),
      move: () => {},
    },
    reply: ({ principal, key }) => replies.get(nameOf(principal, key))?.reply,
    saveReply: (reply, at) => writes.push(() => replies.set(nameOf(reply.principal, reply.key), { reply, at })),
  };
  return { tables, write: () => writes.forEach((write) => write()) };
}

/** Returns the resource as every store returns it, with whole milliseconds. @throws UnstorableValue */
function storable(resource: Resource): Resource {
  return resourceOf(valuesOf(resource).map((value, index) => toStorable(value, `resources.${COLUMNS[index]}`)));
}

/** Before the next attempt, failed steps are forgotten, and those with an undo may have happened. */
function clearFailed(records: Map<string, StepRecord>): void {
  for (const [step, record] of records) {
    if (record.state !== "failed") continue;
    if (record.undo) records.set(step, { ...record, state: "started", result: null, error: null });
    else records.delete(step);
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
