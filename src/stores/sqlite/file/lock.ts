import { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../../core/errors.ts";
import { text } from "../../values.ts";
import { openErrorOf } from "./open-error.ts";
import { createPrivateFile } from "./private-file.ts";
import { isSqliteError } from "./sqlite-errors.ts";
import { prepareRows } from "./statement.ts";

/** Releases the file for the next process. */
export type Unlock = () => void;

/**
 * Locks the database against other processes, and other stores of this process. The lock is an SQLite lock on a
 * separate file, which the kernel releases however the process ends. The lock file is never removed: two processes
 * could then lock two files of one name.
 *
 * @throws StoreOpenError `store-locked` naming the holder
 */
export function lock(path: string): Unlock {
  const file = `${path}-lock`;
  let database: DatabaseSync | undefined;
  createPrivateFile(file);
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // The write is never committed, so it needs no journal. It is needed all the same: on a file that cannot be
    // written, `begin immediate` locks nothing and reports no error.
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
  const locked = database;
  return () => {
    locked.close();
  };
}

/** Describes this process. The text is stored in the database, for the error of a process that finds it locked. */
export function holderName(at: number, hostname: string): string {
  return `process ${process.pid} on ${hostname} since ${new Date(at).toISOString()}`;
}

function holderOf(path: string): string {
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
    const row = prepareRows(database, "select value from meta where name = 'holder'").get();
    return row === undefined ? "another process" : text(row[0]);
  } catch {
    // The other process may be creating the file at this moment.
    return "another process";
  }
}
