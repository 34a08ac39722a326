import { randomUUID } from "node:crypto";
import { chown, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AfootError } from "../../core/errors.ts";
import { type KeyEntry, keyFileText, parseKeyFile } from "../../server/credentials/key-entry.ts";

/** Owner only. The file contains hashes, not keys, but write access to it can grant access to the API. */
const KEY_FILE_MODE = 0o600;
const MAX_LOCK_ATTEMPTS = 100;
const LOCK_RETRY_INTERVAL_MS = 50;

/** Reads a key file. A missing file has no keys. @throws AfootError `key-file` */
export async function readKeyFile(file: string): Promise<readonly KeyEntry[]> {
  try {
    await rejectWritableByOthers(file);
    return parseKeyFile(await readFile(file, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw keyFileError(`cannot read ${file}`, error);
  }
}

/** Rejects a file to which every user of the machine could add a key. Windows has no such modes. */
async function rejectWritableByOthers(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform === "win32" || (mode & 0o002) === 0) return;
  throw new TypeError(`every user of this machine may write it; run: chmod 600 ${JSON.stringify(file)}`);
}

/**
 * Changes a key file. The new content replaces the file atomically, so that a reader sees the file either before or after. A lock
 * file serializes concurrent changes.
 *
 * @throws AfootError `key-file`, and any error of `change`
 */
export async function changeKeyFile(
  file: string,
  change: (entries: readonly KeyEntry[]) => readonly KeyEntry[],
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unlock = await lock(`${file}.lock`);
  try {
    const text = keyFileText(change(await readKeyFile(file)));
    await replace(file, text);
  } finally {
    await unlock();
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporaryFile = `${file}.${randomUUID()}`;
  try {
    const previous = await stat(file).catch(() => undefined);
    const handle = await open(temporaryFile, "wx", KEY_FILE_MODE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Keeps the owner, so that the server can still read a file that another user changed.
    if (previous !== undefined) await chown(temporaryFile, previous.uid, previous.gid).catch(() => undefined);
    await rename(temporaryFile, file);
  } catch (error) {
    await rm(temporaryFile, { force: true });
    throw keyFileError(`cannot write ${file}`, error);
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < MAX_LOCK_ATTEMPTS; attempt++) {
    try {
      await (await open(path, "wx", KEY_FILE_MODE)).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw keyFileError(`cannot create ${path}`, error);
    }
    await pause(LOCK_RETRY_INTERVAL_MS);
  }
  throw new AfootError(
    "key-file",
    `another afoot keys command is changing the file; if none is running, one was interrupted: remove ${path}`,
  );
}

function keyFileError(summary: string, cause: unknown): AfootError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AfootError("key-file", `${summary}: ${reason}`, { cause });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
