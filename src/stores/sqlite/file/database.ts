import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StoreOpenError } from "../../../core/errors.ts";
import { number, text } from "../../values.ts";
import { MIGRATIONS } from "./migrations.ts";
import { createPrivateFile } from "./private-file.ts";
import { prepareRows } from "./statement.ts";
import { fileSize, walBytes } from "./volume.ts";

/** "afoo" in ASCII. Distinguishes a file of Afoot from any other SQLite database. */
export const APPLICATION_ID = 0x61_66_6f_6f;

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
const APPLICATION_ID_AT = 68;

/** Maximum size of a file that is checked as a whole at the opening. Checking a larger one would slow the start. */
const MAX_QUICK_CHECK_BYTES = 8 * 1024 * 1024;

/** Maximum size of the WAL after a checkpoint: a larger one is truncated to it. */
const MAX_WAL_BYTES = 16 * 1024 * 1024;

const pragmasOf = (path: string): string => `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma wal_autocheckpoint = 0;
  pragma journal_size_limit = ${walBytes(path, MAX_WAL_BYTES)};
  pragma cache_size = -65536;
  pragma temp_store = memory;
  pragma trusted_schema = off;
`;

/**
 * Opens the connection that writes, and creates or migrates the tables. Checks the file before anything is changed.
 *
 * @throws StoreOpenError `store-foreign`, `store-newer`, `store-corrupt`, or the error of SQLite
 */
export function openDatabase(path: string, version: string): DatabaseSync {
  if (fileSize(path) === 0) create(path, version);
  else checkHeader(path);
  checkFile(path, version);
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec(pragmasOf(path));
    migrate(database, version);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Creates a database under a temporary name and renames it, so that no crash leaves an incomplete one. */
function create(path: string, version: string): void {
  const temporary = `${path}-new`;
  for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${temporary}${end}`, { force: true });
  createPrivateFile(temporary);
  try {
    using database = new DatabaseSync(temporary);
    database.exec(`pragma synchronous = full; pragma application_id = ${APPLICATION_ID}`);
    migrate(database, version);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes a rename survive a power failure by syncing the folder. */
function syncFolder(path: string): void {
  // Windows cannot open folders, and journals renames.
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function checkHeader(path: string): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    throw new StoreOpenError(
      "store-corrupt",
      `${path} is damaged or not a SQLite database; nothing was changed: restore it from a backup, or give another path`,
    );
  }
  if (header.readUInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) throw foreign(path);
}

function foreign(path: string): StoreOpenError {
  return new StoreOpenError(
    "store-foreign",
    `${path} is the database of another program; nothing was changed: give another path`,
  );
}

/** Checks version and integrity on a read-only connection, so that a newer or damaged file stays as it is. */
function checkFile(path: string, version: string): void {
  using database = new DatabaseSync(immutableUrl(path), { readOnly: true, timeout: 5000 });
  // The WAL of another database would replace the pages of this one.
  if (prepareRows(database, "pragma application_id").get()?.[0] !== APPLICATION_ID) throw foreign(`${path}-wal`);
  const found = versionOf(database);
  if (found > MIGRATIONS.length) {
    throw new StoreOpenError(
      "store-newer",
      `${path} was last written by Afoot ${writerOf(database)} (tables of version ${found}); this is Afoot ${version}, which supports tables up to ` +
        `version ${MIGRATIONS.length}; nothing was changed: run that version of Afoot or a later one`,
    );
  }
  checkSchema(database, path);
  if (fileSize(path) > MAX_QUICK_CHECK_BYTES) return;
  const result = prepareRows(database, "pragma quick_check(1)").get()?.[0];
  if (result === "ok") return;
  throw new StoreOpenError(
    "store-corrupt",
    `${path} is damaged (${String(result)}); nothing was changed: restore it from a backup`,
  );
}

/**
 * Rejects a file with SQL that would run by itself: a trigger changes what is written, and a view in the place of a table
 * can read without end. Only someone else can have added them.
 */
function checkSchema(database: DatabaseSync, path: string): void {
  const [kind, name] =
    prepareRows(
      database,
      `select case when type = 'table' then 'virtual table' else type end, name from sqlite_schema
      where type in ('trigger', 'view') or (type = 'table' and sql like 'create virtual%') limit 1`,
    ).get() ?? [];
  if (kind === undefined) return;
  throw new StoreOpenError(
    "store-foreign",
    `${path} has the ${text(kind)} ${JSON.stringify(name)}, which Afoot did not create; nothing was changed: drop it, or restore the file from a backup`,
  );
}

/**
 * Opens the file as immutable unless there is a WAL to read. Otherwise SQLite creates a WAL that a read-only connection
 * cannot remove.
 */
function immutableUrl(path: string): URL {
  const url = pathToFileURL(path);
  if (fileSize(`${path}-wal`) === 0) url.searchParams.set("immutable", "1");
  return url;
}

function versionOf(database: DatabaseSync): number {
  return number(prepareRows(database, "pragma user_version").get()?.[0]);
}

function writerOf(database: DatabaseSync): string {
  try {
    return String(prepareRows(database, "select value from meta where name = 'written_by'").get()?.[0]);
  } catch {
    return "of a later version";
  }
}

function migrate(database: DatabaseSync, version: string): void {
  const found = versionOf(database);
  if (found >= MIGRATIONS.length) return;
  database.exec("begin immediate");
  for (const step of MIGRATIONS.slice(found)) database.exec(step);
  database.prepare("insert or replace into meta (name, value) values ('written_by', ?)").run(version);
  database.exec(`pragma user_version = ${MIGRATIONS.length}; commit`);
}
