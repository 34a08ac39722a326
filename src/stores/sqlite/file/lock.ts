import { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../../core/errors.ts";
import { text } from "../../values.ts";
import { openErrorOf } from "./open-error.ts";
import { isSqliteError } from "./sqlite-errors.ts";
import { prepareRows } from "./statement.ts";

/** Gives the file free for the next process. */
export type Unlock = () => void;

/**
 * Locks the database against every other process, and every other store of this one. The kernel holds the lock, an SQLite one on
 * a file of its own beside the database, so it goes with the process however that ends. The lock file stays: to remove it would
 * let two processes lock two files of the same name.
 *
 * @throws StoreOpenError `store-locked` naming the holder
 */
export function lock(path: string): Unlock {
  const file = `${path}-lock`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // What is put is never committed, so no journal has to stand beside it. It has to be put all the same: where the file
    // cannot be written, `begin immediate` locks nothing and says nothing.
    database.exec("pragma journal_mode = memory; begin immediate; pragma user_version = 1");
  } catch (error) {
    database?.close();
    if (!isSqliteError(error, "busy", "locked")) throw openErrorOf(error, file);
    throw new StoreOpenError(
      "store-locked",
      `${path} is in use by ${holderOf(path)}; one process at a time may open it: stop that one first, or give this one another path`,
      { cause: error },
    );
  }
  const held = database;
  return () => {
    held.close();
  };
}

/** Names this process in the database, for whoever finds it locked. */
export function holderName(at: number, hostname: string): string {
  return `process ${process.pid} on ${hostname} since ${new Date(at).toISOString()}`;
}

function holderOf(path: string): string {
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
    const row = prepareRows(database, "select value from meta where name = 'holder'").get();
    return row === undefined ? "another process" : text(row[0]);
  } catch {
    // It may be making the file at this moment; that it is locked is all that counts.
    return "another process";
  }
}
