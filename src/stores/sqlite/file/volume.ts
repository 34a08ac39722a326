import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The volume of a file. */
export interface Volume {
  /** Size in bytes; infinite if it is unknown. */
  readonly size: number;
  /** Free bytes for this user; undefined if they are unknown, as on some network file systems. */
  readonly free: number | undefined;
}

export function volumeOf(path: string): Volume {
  try {
    const { bsize, blocks, bavail } = statfsSync(dirname(path));
    return blocks === 0 ? UNKNOWN : { size: blocks * bsize, free: bavail * bsize };
  } catch {
    return UNKNOWN;
  }
}

const UNKNOWN: Volume = { size: Infinity, free: undefined };

/** Ratio of the WAL to its volume. On a small volume, the WAL must not be what fills it. */
const MAX_WAL_RATIO = 1 / 32;

/** Limits a size of the WAL on small volumes. */
export function walBytes(path: string, max: number): number {
  return Math.min(max, Math.floor(volumeOf(path).size * MAX_WAL_RATIO));
}

/** Returns the size of a file; 0 if it does not exist. */
export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
