import { isInProgress } from "../../../src/core/operation.ts";
import type { PurgeRequest } from "../../../src/core/ports/store.ts";
import type { MemoryDatabase } from "./database.ts";

/** Removes one step of expired rows. Returns the number of removed rows. */
export function purge(database: MemoryDatabase, request: PurgeRequest): number {
  const { deletedBefore, historyBefore, idempotencyBefore, limit } = request;
  return (
    purgeDeleted(database, deletedBefore, limit) +
    purgeHistory(database, historyBefore, limit) +
    purgeReplies(database, idempotencyBefore, limit)
  );
}

function purgeDeleted(database: MemoryDatabase, before: number, limit: number): number {
  const deleted = [...database.rows.values()]
    .flatMap((row) => {
      const at = row.resource?.deletedAt ?? null;
      return at !== null && at < before ? [{ row, at }] : [];
    })
    .toSorted((a, b) => a.at - b.at)
    .slice(0, limit);
  let removed = 0;
  for (const { row } of deleted) {
    const sequences = [...(database.sequencesOf.get(row.rowId) ?? [])].slice(0, limit - removed);
    for (const sequence of sequences) database.removeEntry(sequence);
    removed += sequences.length;
    if (removed >= limit) break;
    database.removeRow(row);
    removed++;
  }
  return removed;
}

function purgeHistory(database: MemoryDatabase, before: number, limit: number): number {
  let removed = 0;
  let examined = 0;
  for (const [sequence, { rowId, entry }] of database.entries) {
    const resource = database.rowsById.get(rowId)?.resource;
    if (resource === undefined || isInProgress(resource.operation)) continue;
    if (entry.at >= before || ++examined > limit) break;
    database.removeEntry(sequence);
    removed++;
    const { id, state, root } = resource.operation;
    if (entry.event === "succeeded" && entry.operation === id) database.stepRecords.delete(root);
    if (entry.event !== "received") continue;
    const kept = state === "succeeded" ? undefined : root;
    for (const [message, stored] of database.messages.get(rowId) ?? []) {
      if (stored.message.at <= entry.at && stored.root !== kept) database.messages.get(rowId)?.delete(message);
    }
  }
  return removed;
}

function purgeReplies(database: MemoryDatabase, before: number, limit: number): number {
  let removed = 0;
  for (const [key, { at }] of database.replies) {
    if (at >= before || removed >= limit) break;
    database.replies.delete(key);
    removed++;
  }
  return removed;
}
