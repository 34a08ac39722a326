import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "./database.ts";
import { createReserve, type Reserve } from "./reserve.ts";
import { isSqliteError } from "./sqlite-errors.ts";

/** An open database with its reserve of disk space. */
export interface ReservedDatabase {
  readonly database: DatabaseSync;
  readonly reserve: Reserve;
  /** True if the disk was too full to open the database without a part of the reserve. */
  readonly isReserveUsed: boolean;
  /** Closes the database so that the next process can open it, also if the disk is full then. */
  readonly close: () => void;
}

/** Opens the database, on a full disk with the space of its reserve. @throws as {@link openDatabase} does */
export function openReservedDatabase(path: string, version: string): ReservedDatabase {
  const reserve = createReserve(path);
  const { database, isReserveUsed } = open(path, version, reserve);
  return {
    database,
    reserve,
    isReserveUsed,
    close() {
      if (reserve.isComplete() || reserve.hasRoom()) {
        database.close();
        return;
      }
      // The last connection removes the WAL and its index, unless it is read-only. They could not be created again.
      using last = new DatabaseSync(path, { readOnly: true });
      last.prepare("select 1 from meta").get();
      database.close();
    },
  };
}

function open(path: string, version: string, reserve: Reserve): Pick<ReservedDatabase, "database" | "isReserveUsed"> {
  for (let isReserveUsed = false; ; isReserveUsed = true) {
    try {
      return { database: openDatabase(path, version), isReserveUsed };
    } catch (error) {
      // SQLite reports a file that it cannot create or extend by these kinds, also on a full disk.
      if (!isSqliteError(error, "full", "ioError", "cannotOpen") || !reserve.release()) throw error;
    }
  }
}
