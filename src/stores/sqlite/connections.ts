import { hostname } from "node:os";
import type { StoreOpenOptions } from "../../core/store.ts";
import { KnownRows } from "./known-rows.ts";
import { locate } from "./location.ts";
import { holderName, lock } from "./lock.ts";
import { openErrorOf } from "./open-error.ts";
import { createReader, type Reader } from "./reader.ts";
import { Thread } from "./thread.ts";
import { afootVersion } from "./version.ts";
import { createWriter, type Writer } from "./writer.ts";

/** An open file: who reads it, and who writes it. */
export interface Connections {
  readonly reader: Reader;
  readonly writer: Writer;
  /** Waits for what is being written, then gives the file free. */
  close(): Promise<void>;
}

/** Opens a file: first its lock, then the write thread, then the connection that reads. */
export async function connect(path: string, { policies, at, onFatal }: StoreOpenOptions): Promise<Connections> {
  const file = locate(path);
  const unlock = lock(file);
  try {
    const rows = new KnownRows();
    const thread = new Thread(onFatal);
    const marks = rows.marks.shared;
    await thread.open({
      path: file,
      policies,
      at,
      marks,
      holder: holderName(at, hostname()),
      version: afootVersion(),
    });
    const writer = createWriter(thread);
    const reader = readerOf(file, rows);
    return {
      reader,
      writer,
      async close() {
        await writer.idle();
        // The thread closes last, so that it is the one to bring the WAL into the file.
        reader.close();
        await thread.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function readerOf(file: string, rows: KnownRows): Reader {
  try {
    return createReader(file, rows);
  } catch (error) {
    throw openErrorOf(error, file);
  }
}
