import { accessSync, constants, mkdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { StoreOpenError } from "../../../core/errors.ts";
import { messageOf } from "./sqlite-errors.ts";

/** Checks the configured path. @throws StoreOpenError `store-path` */
export function checkPath(path: unknown): string {
  if (typeof path !== "string" || path.trim() === "") {
    throw new StoreOpenError("store-path", "sqliteStore: path: give the path of a file, such as ./data/afoot.db");
  }
  if (path.includes("\0")) throw new StoreOpenError("store-path", "sqliteStore: path: contains a NUL character");
  if (path === ":memory:" || path.startsWith("file:")) {
    throw new StoreOpenError(
      "store-path",
      `sqliteStore: path: ${JSON.stringify(path)} is not a file path; accepted resources must outlive the process, so give the path of a file`,
    );
  }
  return path;
}

/**
 * Creates the folder of the file and resolves links, so that one file has one name and thus one lock.
 *
 * @throws StoreOpenError `store-path`, `store-read-only`
 */
export function locate(path: string): string {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  attempt("store-path", `The folder ${folder} cannot be created`, () =>
    mkdirSync(folder, { recursive: true, mode: 0o700 }),
  );
  const found = attempt("store-read-only", `${absolute} cannot be read`, () =>
    statSync(absolute, { throwIfNoEntry: false }),
  );
  if (found === undefined) return join(realpathSync(folder), basename(absolute));
  if (!found.isFile()) {
    const what = found.isDirectory() ? "a folder" : "not a regular file";
    throw new StoreOpenError(
      "store-path",
      `${absolute} is ${what}; give the path of a file, such as ${join(absolute, "afoot.db")}`,
    );
  }
  attempt("store-read-only", `${absolute} cannot be written`, () =>
    accessSync(absolute, constants.R_OK | constants.W_OK),
  );
  return realpathSync(absolute);
}

function attempt<Result>(code: string, failure: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const next = "make the file and its folder writable for this user, or give another path";
    throw new StoreOpenError(code, `${failure} (${messageOf(error)}); ${next}`, { cause: error });
  }
}
