import { StoreOpenError } from "../../../core/errors.ts";
import { isSqliteError, messageOf, type SqliteErrorKind } from "./sqlite-errors.ts";

const OPEN_ERRORS: readonly (readonly [code: string, saying: string, ...faults: SqliteErrorKind[]])[] = [
  [
    "store-corrupt",
    "is damaged or no SQLite database; nothing was changed: restore it from a backup, or give another path",
    "corrupt",
    "notADatabase",
  ],
  [
    "store-read-only",
    "cannot be written; make the file and its folder writable for this user, or give another path",
    "readonly",
    "cannotOpen",
  ],
  ["store-full", "cannot be written because the disk is full; free some space and start again", "full"],
  ["store-io", "cannot be read or written; look at the disk and the system's log", "ioError"],
  ["store-busy", "is being written by another program; end it and start again", "busy", "locked"],
];

/** What to do about an error met while opening a file. */
export function openErrorOf(error: unknown, path: string): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  for (const [code, saying, ...faults] of OPEN_ERRORS) {
    if (!isSqliteError(error, ...faults)) continue;
    return new StoreOpenError(code, `${path} ${saying} (${messageOf(error)})`, { cause: error });
  }
  return new StoreOpenError("store-open", `${path} cannot be opened (${messageOf(error)})`, { cause: error });
}
