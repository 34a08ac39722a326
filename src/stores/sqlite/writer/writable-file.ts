import type { Policies } from "../../../core/policy.ts";
import { createCheckpointing, type Checkpointing } from "../file/checkpoint.ts";
import { openReservedDatabase } from "../file/reserved-database.ts";
import { createTables, type Tables, type TablesListener } from "../tables/tables.ts";
import { createDiskSpace, type DiskSpace } from "./disk-space.ts";

export interface WritableFileOptions {
  readonly path: string;
  /** Version of Afoot. */
  readonly version: string;
  readonly listener?: TablesListener;
  readonly policies?: Policies;
  readonly onDiskFull?: (isFull: boolean) => void;
}

/** A database that is open for writes. */
export interface WritableFile {
  readonly tables: Tables;
  readonly space: DiskSpace;
  readonly checkpointing: Checkpointing;
  readonly close: () => void;
}

/** Opens a database for writes. @throws StoreOpenError, or the error of SQLite */
export function openWritableFile(options: WritableFileOptions): WritableFile {
  const { path, version, listener, policies, onDiskFull } = options;
  const { database, reserve, isReserveUsed, close } = openReservedDatabase(path, version);
  try {
    const checkpointing = createCheckpointing(database, path);
    return {
      tables: createTables(database, listener, policies),
      space: createDiskSpace({ database, reserve, checkpointing, isFull: isReserveUsed, onChange: onDiskFull }),
      checkpointing,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
