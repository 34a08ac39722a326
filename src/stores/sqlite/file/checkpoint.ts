import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** After this many commits the pages of the WAL go into the database. */
const MAX_COMMITS = 64;

/** Or once the WAL has grown by this much. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024;

/** Called after each commit: keeps the WAL bounded. Runs between commits, so that nobody waits for it who need not. */
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
