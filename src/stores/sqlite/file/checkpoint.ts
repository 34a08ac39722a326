import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { number } from "../../values.ts";
import { isSqliteError } from "./sqlite-errors.ts";
import { prepareRows } from "./statement.ts";

/** Maximum number of commits between checkpoints. */
const MAX_COMMITS = 64;

/** Maximum growth of the WAL between checkpoints. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024;

/** Keeps the WAL bounded by moving its pages to the database. */
export interface Checkpointing {
  /** Called after each commit. Runs a checkpoint now and then; between commits, so that none waits for it. */
  afterCommit(): void;
  /** Runs a checkpoint and truncates the WAL. Returns false if the disk is too full, or a reader is in the way. */
  truncate(): boolean;
}

export function createCheckpointing(database: DatabaseSync, path: string): Checkpointing {
  const passive = prepareRows(database, "pragma wal_checkpoint(passive)");
  const truncating = prepareRows(database, "pragma wal_checkpoint(truncate)");
  const wal = `${path}-wal`;
  const size = (): number => statSync(wal, { throwIfNoEntry: false })?.size ?? 0;
  let commits = 0;
  let sizeBefore = size();

  /** A checkpoint that finds the disk full loses nothing: its pages stay in the WAL. */
  const isDone = (run: () => boolean): boolean => {
    try {
      return run();
    } catch (error) {
      if (!isSqliteError(error, "full")) throw error;
      return false;
    } finally {
      commits = 0;
      sizeBefore = size();
    }
  };

  return {
    afterCommit() {
      if (++commits < MAX_COMMITS && size() - sizeBefore < MAX_GROWTH_BYTES) return;
      isDone(() => passive.get() !== undefined);
    },
    truncate: () => isDone(() => number(truncating.get()?.[0]) === 0),
  };
}
