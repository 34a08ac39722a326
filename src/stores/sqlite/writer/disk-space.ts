import type { DatabaseSync } from "node:sqlite";
import { StoreFullError } from "../../../core/errors.ts";
import { number } from "../../values.ts";
import type { Checkpointing } from "../file/checkpoint.ts";
import type { Reserve } from "../file/reserve.ts";
import { isSqliteError } from "../file/sqlite-errors.ts";
import { prepareRows } from "../file/statement.ts";

export interface DiskSpaceOptions {
  readonly database: DatabaseSync;
  readonly reserve: Reserve;
  readonly checkpointing: Checkpointing;
  /** True if the reserve had to be released to open the database. */
  readonly isFull: boolean;
  readonly onChange?: ((isFull: boolean) => void) | undefined;
}

/** Room for the database on its disk. While the disk is full, only writes that need little room are tried. */
export interface DiskSpace {
  readonly isFull: boolean;
  /** Makes room after a write has failed with SQLITE_FULL. Returns false if there is nothing left to release. */
  makeRoom(): boolean;
  /** Checks if there is room again. Creates the reserve if it is missing. */
  check(): void;
}

export function createDiskSpace({
  database,
  reserve,
  checkpointing,
  isFull: isFullAtOpening,
  onChange,
}: DiskSpaceOptions): DiskSpace {
  const freePages = prepareRows(
    database,
    "select f.freelist_count * p.page_size from pragma_freelist_count f, pragma_page_size p",
  );
  let isFull = isFullAtOpening;
  const change = (next: boolean): void => {
    if (next === isFull) return;
    isFull = next;
    onChange?.(isFull);
  };
  /** Purged rows leave free pages in the database, which are room too. */
  const hasFreePages = (): boolean => number(freePages.get()?.[0]) >= 2 * reserve.bytes;

  return {
    get isFull() {
      return isFull;
    },
    makeRoom() {
      // A large WAL may be all that fills the disk. Its pages move to the database, and its space is free again.
      if (checkpointing.truncate() && reserve.hasRoom()) return true;
      const wasFull = isFull;
      change(true);
      const isReleased = reserve.release();
      if (isReleased) checkpointing.truncate();
      // The first time, the write is repeated without the calls that need room.
      return isReleased || !wasFull;
    },
    check() {
      if (reserve.ensure() || hasFreePages()) change(false);
    },
  };
}

/**
 * Runs writes that may be repeated, on a full disk with the space of the reserve. Returns false if that is too little.
 */
export function tryWithReserve(space: DiskSpace, write: () => void): boolean {
  for (;;) {
    try {
      write();
      return true;
    } catch (error) {
      if (!(error instanceof StoreFullError) && !isSqliteError(error, "full")) throw error;
      if (!space.makeRoom()) return false;
    }
  }
}
