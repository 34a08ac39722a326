import { readFile, stat } from "node:fs/promises";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type KeyEntry, parseKeyFile } from "./key-entry.ts";
import { AuthenticationUnavailableError } from "./unavailable.ts";

export type KeysByHash = ReadonlyMap<string, KeyEntry>;

export interface KeyFileCache {
  /** Returns the content of the file if it is not older than `maxAgeMs`; otherwise undefined. */
  readonly cached: () => KeysByHash | undefined;
  /** Reads the file again if it has changed. @throws AuthenticationUnavailableError if it cannot be read */
  readonly refresh: () => Promise<KeysByHash>;
}

/**
 * Creates a cache of a key file. It checks the file at requests instead of watching it: watchers miss replaced files, and changes on network
 * and container volumes. Concurrent checks share one read (single flight).
 */
export function cacheKeyFile(file: string, maxAgeMs: number, clock: Pick<Clock, "monotonic">): KeyFileCache {
  let keys: KeysByHash | undefined;
  let fileVersion = "";
  let checkedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<KeysByHash> | undefined;

  const read = async (): Promise<KeysByHash> => {
    // Taken before the check, so that a change during the check is noticed in time.
    const at = clock.monotonic();
    try {
      const { ino, mtimeNs, ctimeNs, size } = await stat(file, { bigint: true });
      const present = [ino, mtimeNs, ctimeNs, size].join(" ");
      if (keys === undefined || present !== fileVersion) {
        keys = new Map(parseKeyFile(await readFile(file, "utf8")).map((entry) => [entry.hash, entry]));
        fileVersion = present;
      }
    } catch (cause) {
      // Revocations are unknown now, so no key is valid.
      keys = undefined;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AuthenticationUnavailableError(`the key file ${file} cannot be read: ${why}`, { cause });
    }
    checkedAt = at;
    return keys;
  };

  return {
    cached: () => (clock.monotonic() - checkedAt < maxAgeMs ? keys : undefined),
    refresh: () => {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}
