import type { DatabaseSync } from "node:sqlite";
import { number } from "../../values.ts";
import type { Checkpointing } from "../file/checkpoint.ts";
import type { Reserve } from "../file/reserve.ts";
import { prepareRows } from "../file/statement.ts";

export interface DiskSpaceOptions {
  readonly database: DatabaseSync;
  readonly reserve: Reserve;
  readonly checkpointing: Checkpointing;
  readonly onChange: (isFull: boolean) => void;
}

/** Room for the database on its disk. While the disk is full, only writes that need little room are tried. */
export interface DiskSpace {
  readonly isFull: boolean;
  /** Makes room after a write has failed with SQLITE_FULL. The write can then be repeated. */
  makeRoom(): void;
  /** Checks if there is room again. Creates the reserve if it is missing. */
  check(): void;
}

export function createDiskSpace({ database, reserve, checkpointing, onChange }: DiskSpaceOptions): DiskSpace {
  const freePages = prepareRows(
    database,
    "select f.freelist_count * p.page_size from pragma_freelist_count f, pragma_page_size p",
  );
  let isFull = false;
  const change = (next: boolean): void => {
    if (next === isFull) return;
    isFull = next;
    onChange(isFull);
  };
  /** Deleted rows leave free pages in the database, which serve as a reserve too. */
  const hasRoom = (): boolean => reserve.ensure() || number(freePages.get()?.[0]) >= 2 * reserve.bytes;

  return {
    get isFull() {
      return isFull;
    },
    makeRoom() {
      // A large WAL may be all that fills the disk. Its pages move to the database, and its space is free again.
      if (checkpointing.truncate() && hasRoom()) return;
      change(true);
      reserve.release();
      checkpointing.truncate();
    },
    check() {
      if (isFull) checkpointing.truncate();
      if (hasRoom()) change(false);
    },
  };
}
