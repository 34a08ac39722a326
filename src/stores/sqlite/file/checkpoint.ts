import type { DatabaseSync } from "node:sqlite";
import { number } from "../../values.ts";
import { isSqliteError } from "./sqlite-errors.ts";
import { prepareRows } from "./statement.ts";
import { fileSize, walBytes } from "./volume.ts";

/** Maximum number of commits between checkpoints. */
const MAX_COMMITS = 64;

/**
 * Maximum size of the WAL. When it is reused after a checkpoint, SQLite truncates it to `journal_size_limit`, which is
 * smaller.
 */
const MAX_BYTES = 32 * 1024 * 1024;

/** Keeps the WAL bounded by moving its pages to the database. */
export interface Checkpointing {
  /** Called after each commit. Runs a checkpoint now and then; between commits, so that none waits for it. */
  afterCommit(): void;
  /** Runs a checkpoint now, so that the next commits reuse the WAL from its start. */
  run(): void;
  /** Runs a checkpoint and truncates the WAL. Returns false if the disk is too full, or a reader is in the way. */
  truncate(): boolean;
}

export function createCheckpointing(database: DatabaseSync, path: string): Checkpointing {
  const passive = prepareRows(database, "pragma wal_checkpoint(passive)");
  const truncating = prepareRows(database, "pragma wal_checkpoint(truncate)");
  const wal = `${path}-wal`;
  const maxBytes = walBytes(path, MAX_BYTES);
  let commits = 0;

  /** A checkpoint that finds the disk full loses nothing: its pages stay in the WAL. */
  const isDone = (run: () => boolean): boolean => {
    try {
      return run();
    } catch (error) {
      if (!isSqliteError(error, "full")) throw error;
      return false;
    } finally {
      commits = 0;
    }
  };

  const run = (): void => void isDone(() => passive.get() !== undefined);
  return {
    afterCommit() {
      if (++commits < MAX_COMMITS && fileSize(wal) <= maxBytes) return;
      run();
    },
    run,
    truncate: () => isDone(() => number(truncating.get()?.[0]) === 0),
  };
}
