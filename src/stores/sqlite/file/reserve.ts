import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { removeLink } from "./private-file.ts";
import { fileSize, volumeOf } from "./volume.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const MIN_BYTES = 256 * 1024;

/** Size of the reserve in relation to the volume. */
const VOLUME_RATIO = 1 / 16;

/** Number of parts in which the reserve is released. */
const PARTS = 8;

const CHUNK_BYTES = 32 * 1024;

/**
 * A file beside the database that only occupies space. On a full disk it is released, so that deletes and the ends of
 * running work can still be stored.
 */
export interface Reserve {
  /** Size of the complete file. */
  readonly bytes: number;
  /** Returns true if the file is complete. */
  isComplete(): boolean;
  /**
   * Returns true if the volume has free space for the file twice: the disk must not be full again right after a write.
   */
  hasRoom(): boolean;
  /** Completes the file if there is room. Returns true if it is complete. */
  ensure(): boolean;
  /** Releases a part of the file, so that other programs cannot take all of it. Returns false if nothing is left. */
  release(): boolean;
}

export function createReserve(database: string): Reserve {
  const path = `${database}-reserve`;
  removeLink(path);
  const bytes = Math.min(MAX_BYTES, Math.max(MIN_BYTES, Math.floor(volumeOf(path).size * VOLUME_RATIO)));
  const isComplete = (): boolean => fileSize(path) >= bytes;
  /** Undefined if the free space of the volume is unknown: then only a write shows if there is room. */
  const hasRoom = (): boolean | undefined => {
    const { free } = volumeOf(path);
    return free === undefined ? undefined : free >= 2 * bytes;
  };
  return {
    bytes,
    isComplete,
    hasRoom: () => hasRoom() === true,
    ensure: () => isComplete() || (hasRoom() !== false && fill(path, bytes)),
    release() {
      const size = fileSize(path);
      const remaining = size - Math.ceil(bytes / PARTS);
      if (remaining > 0) truncateSync(path, remaining);
      else rmSync(path, { force: true });
      return size > 0;
    },
  };
}

/** Extends the file by random bytes, which no file system can compress. */
function fill(path: string, bytes: number): boolean {
  try {
    const file = openSync(path, "a", 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (let size = fileSize(path); size < bytes;) size += writeSync(file, randomFillSync(chunk));
    } finally {
      closeSync(file);
    }
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}
