import { hostname } from "node:os";
import type { StoreOpenOptions } from "../../core/ports/store.ts";
import { locate } from "./file/location.ts";
import { holderName, lock, type Unlock } from "./file/lock.ts";
import { afootVersion } from "./file/meta.ts";
import { openErrorOf } from "./file/open-error.ts";
import { createReader, type Reader } from "./reader/reader.ts";
import { RowCache } from "./reader/row-cache.ts";
import type { Thread } from "./writer/thread.ts";
import { createWriter, type Writer } from "./writer/writer.ts";

/** The connections to an open file: one reads in this thread, one writes in the write thread. */
export interface Connections {
  readonly reader: Reader;
  readonly writer: Writer;
  /** Waits for pending writes, then releases the file. */
  close(): Promise<void>;
}

/**
 * Opens a file: takes its lock, opens it in the write thread, then opens the reader. Closes the thread if a step fails.
 */
export async function connect(
  path: string,
  thread: Thread,
  { policies, at, onFatal, onClockStep, onDiskFull }: StoreOpenOptions,
): Promise<Connections> {
  let unlock: Unlock | undefined;
  try {
    const file = locate(path);
    unlock = lock(file);
    const rows = new RowCache();
    const rowVersions = rows.versions.shared;
    const holder = holderName(at, hostname());
    const setup = { path: file, policies, at, rowVersions, holder, version: afootVersion() };
    const movedMs = await thread.open(setup, { onFatal, onDiskFull });
    if (movedMs !== 0) onClockStep?.(movedMs);
    return connectionsOf(thread, createWriter(thread), readerOf(file, rows), unlock);
  } catch (error) {
    await thread.close();
    unlock?.();
    throw error;
  }
}

function connectionsOf(thread: Thread, writer: Writer, reader: Reader, unlock: Unlock): Connections {
  return {
    reader,
    writer,
    async close() {
      await writer.idle();
      // The thread closes last: the last connection checkpoints the WAL, and only a writer can.
      reader.close();
      await thread.close();
      unlock();
    },
  };
}

function readerOf(file: string, rows: RowCache): Reader {
  try {
    return createReader(file, rows);
  } catch (error) {
    throw openErrorOf(error, file);
  }
}
