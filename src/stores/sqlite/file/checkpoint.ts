import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** Maximum number of commits between checkpoints. */
const MAX_COMMITS = 64;

/** Maximum growth of the WAL between checkpoints. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024;

/**
 * Returns the function to call after each commit, which keeps the WAL bounded. It runs between commits, so that none
 * waits for it.
 */
export function createCheckpointing(database: DatabaseSync, path: string): () => void {
  const checkpoint = database.prepare("pragma wal_checkpoint(passive)");
  const wal = `${path}-wal`;
  const size = (): number => statSync(wal, { throwIfNoEntry: false })?.size ?? 0;
  let commits = 0;
  let sizeBefore = size();
  return () => {
    if (++commits < MAX_COMMITS && size() - sizeBefore < MAX_GROWTH_BYTES) return;
    checkpoint.get();
    commits = 0;
    sizeBefore = size();
  };
}
