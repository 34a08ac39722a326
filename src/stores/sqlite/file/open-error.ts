import { StoreOpenError } from "../../../core/errors.ts";
import { isSqliteError, messageOf, type SqliteErrorKind } from "./sqlite-errors.ts";
import { volumeOf } from "./volume.ts";

/** The first entry that matches is used. */
const OPEN_ERRORS: readonly (readonly [code: string, advice: string, ...kinds: SqliteErrorKind[]])[] = [
  [
    "store-corrupt",
    "is damaged or not a SQLite database; nothing was changed: restore it from a backup, or give another path",
    "corrupt",
    "notADatabase",
  ],
  ["store-full", "cannot be written because the disk is full; free some space and start again", "full"],
  [
    "store-read-only",
    "cannot be written; make the file and its folder writable for this user, or give another path",
    "readonly",
    "cannotOpen",
  ],
  ["store-io", "cannot be read or written; check the disk and the system log", "ioError"],
  ["store-busy", "is being written by another program; end it and start again", "busy", "locked"],
];

/** Converts an error of opening a file to one that says what to do. */
export function openErrorOf(error: unknown, path: string): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  for (const [code, advice, ...kinds] of OPEN_ERRORS) {
    if (!isSqliteError(error, ...kinds) && !(code === "store-full" && isCausedByFullDisk(error, path))) continue;
    return new StoreOpenError(code, `${path} ${advice} (${messageOf(error)})`, { cause: error });
  }
  return new StoreOpenError("store-open", `${path} cannot be opened (${messageOf(error)})`, { cause: error });
}

/** Free space below which SQLite cannot create the index of a WAL. */
const MIN_FREE_BYTES = 64 * 1024;

/** SQLite reports a file that it cannot create or extend as an I/O error, also on a full disk. */
function isCausedByFullDisk(error: unknown, path: string): boolean {
  return isSqliteError(error, "cannotOpen", "ioError") && (volumeOf(path).free ?? Infinity) < MIN_FREE_BYTES;
}
