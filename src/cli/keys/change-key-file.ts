import { randomUUID } from "node:crypto";
import { chown, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AfootError } from "../../core/errors.ts";
import { type KeyEntry, keyFileText, parseKeyFile } from "../../server/credentials/key-entry.ts";

/** For the owner alone. It holds no keys; but who may write it may let anybody in. */
const MODE = 0o600;
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 50;

/** Reads a key file; one that is not there holds none. @throws AfootError `key-file` */
export async function readKeyFile(file: string): Promise<readonly KeyEntry[]> {
  try {
    return parseKeyFile(await readFile(file, "utf8"));
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw failed(`${file} cannot be read`, error);
  }
}

/**
 * Changes a key file: read, changed and put in its place as a whole, so that whoever reads it sees it before or after. Two at once
 * come one after the other.
 *
 * @throws AfootError `key-file`, also what `change` throws
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
  const beside = `${file}.${randomUUID()}`;
  try {
    const before = await stat(file).catch(() => undefined);
    const handle = await open(beside, "wx", MODE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Whom the file belonged to goes on reading it, also where somebody else runs this.
    if (before !== undefined) await chown(beside, before.uid, before.gid).catch(() => undefined);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw failed(`${file} cannot be written`, error);
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    try {
      await (await open(path, "wx", MODE)).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw failed(`${path} cannot be made`, error);
    }
    await pause(LOCK_PAUSE_MS);
  }
  throw new AfootError(
    "key-file",
    `another afoot keys is changing the file; if none runs, one was broken off: remove ${path}`,
  );
}

function failed(what: string, cause: unknown): AfootError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AfootError("key-file", `${what}: ${why}`, { cause });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
