import { mkdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { StoreOpenError } from "../../core/errors.ts";
import { messageOf } from "./sqlite-errors.ts";

/** Checks the path that was configured. @throws StoreOpenError `store-path` */
export function checkPath(path: unknown): string {
  if (typeof path !== "string" || path.trim() === "") {
    throw new StoreOpenError("store-path", "sqliteStore: path: give the path of a file, such as ./data/afoot.db");
  }
  if (path.includes("\0")) throw new StoreOpenError("store-path", "sqliteStore: path: contains a NUL character");
  if (path === ":memory:" || path.startsWith("file:")) {
    throw new StoreOpenError(
      "store-path",
      `sqliteStore: path: ${JSON.stringify(path)} is no file path; what was accepted must outlive the process, so give the path of a file`,
    );
  }
  return path;
}

/** Makes the folder of the file and resolves links, so that one file has one name and so one lock. */
export function locate(path: string): string {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new StoreOpenError(
      "store-path",
      `The folder ${folder} cannot be made (${messageOf(error)}); choose another path or make the folder writable`,
      { cause: error },
    );
  }
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found === undefined) return join(realpathSync(folder), basename(absolute));
  if (found.isFile()) return realpathSync(absolute);
  const what = found.isDirectory() ? "a folder" : "not a regular file";
  throw new StoreOpenError(
    "store-path",
    `${absolute} is ${what}; give the path of a file, such as ${join(absolute, "afoot.db")}`,
  );
}
