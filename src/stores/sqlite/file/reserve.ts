import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const MAX_BYTES = 8 * 1024 * 1024;
const MIN_BYTES = 256 * 1024;

/** Size of the reserve in relation to the volume. */
const VOLUME_RATIO = 1 / 32;

const CHUNK_BYTES = 64 * 1024;

/**
 * A file beside the database that only occupies space. On a full disk it is removed, so that deletes and the ends of
 * running work can still be stored.
 */
export interface Reserve {
  /** Size of the file when it exists. */
  readonly bytes: number;
  /** Creates the file if there is room for it twice. Returns true if it exists. */
  ensure(): boolean;
  /** Removes the file. Returns false if there is none. */
  release(): boolean;
}

export function createReserve(database: string): Reserve {
  const path = `${database}-reserve`;
  const { size } = volumeOf(path);
  const bytes = Math.min(MAX_BYTES, Math.max(MIN_BYTES, Math.floor(size * VOLUME_RATIO)));
  return {
    bytes,
    ensure() {
      if (fileSize(path) >= bytes) return true;
      // Twice, so that the disk is not full again right after the reserve is written.
      if (volumeOf(path).free < 2 * bytes) return false;
      return write(path, bytes);
    },
    release() {
      if (fileSize(path) === 0) return false;
      rmSync(path, { force: true });
      return true;
    },
  };
}

/** Writes random bytes, which no file system can compress. */
function write(path: string, bytes: number): boolean {
  try {
    const file = openSync(path, "w", 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (let written = 0; written < bytes;) written += writeSync(file, randomFillSync(chunk));
    } finally {
      closeSync(file);
    }
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Returns the bytes of the volume of a file. Unknown sizes count as unlimited: then only a write shows if there is room. */
function volumeOf(path: string): { readonly size: number; readonly free: number } {
  try {
    const { bsize, blocks, bavail } = statfsSync(dirname(path));
    return blocks === 0 ? UNKNOWN : { size: blocks * bsize, free: bavail * bsize };
  } catch {
    return UNKNOWN;
  }
}

const UNKNOWN = { size: Infinity, free: Infinity };
