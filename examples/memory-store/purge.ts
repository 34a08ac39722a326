import { isInProgress, type PurgeRequest, type SequencedHistoryEntry } from "afoot/stores";
import { type MemoryContents, nameOf, type StoredRow } from "./contents.ts";

/** Removes one bounded step of expired rows. Returns the number of removed rows. */
export function purge(contents: MemoryContents, request: PurgeRequest): number {
  return purgeDeleted(contents, request) + purgeHistory(contents, request) + purgeReplies(contents, request);
}

function purgeDeleted(contents: MemoryContents, { deletedBefore, limit }: PurgeRequest): number {
  const { rows, history, records, received } = contents;
  const deleted = [...rows.values()].filter(({ resource }) => (resource.deletedAt ?? Infinity) < deletedBefore);
  let removed = 0;
  let remaining = limit;
  for (const { rowId, resource } of deleted.slice(0, limit)) {
    const entries = history.get(rowId) ?? [];
    const lines = entries.splice(0, remaining).length;
    removed += lines;
    remaining -= lines;
    // The row stays for the next step if some of its history is left.
    if (entries.length > 0) break;
    history.delete(rowId);
    records.delete(resource.operation.root);
    received.delete(rowId);
    rows.delete(nameOf(resource.type, resource.id));
    removed += 1;
  }
  return removed;
}

function purgeHistory(contents: MemoryContents, { historyBefore, limit }: PurgeRequest): number {
  let removed = 0;
  for (const row of contents.rows.values()) {
    if (isInProgress(row.resource.operation)) continue;
    const entries = contents.history.get(row.rowId) ?? [];
    while (removed < limit && (entries[0]?.at ?? Infinity) < historyBefore) {
      for (const entry of entries.splice(0, 1)) purgeWith(contents, row, entry);
      removed += 1;
    }
  }
  return removed;
}

/** Removes the records and messages that belong to a removed entry, unless a retry may continue with them. */
function purgeWith(contents: MemoryContents, { rowId, resource }: StoredRow, entry: SequencedHistoryEntry): void {
  const { id, root, state } = resource.operation;
  if (entry.event === "succeeded" && entry.operation === id) contents.records.delete(root);
  const messages = contents.received.get(rowId);
  if (entry.event !== "received" || messages === undefined) return;
  for (const message of messages.values()) {
    if (message.at <= entry.at && (state === "succeeded" || message.root !== root)) messages.delete(message.id);
  }
}

function purgeReplies({ replies }: MemoryContents, { idempotencyBefore, limit }: PurgeRequest): number {
  const old = [...replies].filter(([, { at }]) => at < idempotencyBefore).slice(0, limit);
  for (const [name] of old) replies.delete(name);
  return old.length;
}
