import { closeSync, lstatSync, openSync, rmSync } from "node:fs";

/**
 * Creates a missing file that only its owner can read: SQLite would let every user of the machine read it. The WAL and
 * its index get the mode of the database. A file that cannot be created is left to SQLite, whose error tells more.
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It exists, or SQLite reports the reason.
  }
}

/** Removes a symbolic link, through which a write would change another file. */
export function removeLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(path);
}
