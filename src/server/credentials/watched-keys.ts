import { readFile, stat } from "node:fs/promises";
import type { Clock } from "../../core/scheduling/clock.ts";
import { type KeyEntry, parseKeyFile } from "./key-entry.ts";
import { AuthenticationUnavailableError } from "./unavailable.ts";

export type KeysByHash = ReadonlyMap<string, KeyEntry>;

export interface WatchedKeys {
  /** What the file held within the last `maxAgeMs`; undefined where it has to be looked at first. */
  readonly known: () => KeysByHash | undefined;
  /** Looks whether the file has changed. @throws AuthenticationUnavailableError where it cannot be read */
  readonly look: () => Promise<KeysByHash>;
}

/**
 * Keeps what a key file holds. Looked at when asked, not by a watcher: those miss files that are replaced, and are not told of changes
 * on a volume of a network or a container. All that ask while it is looked at wait for the same look.
 */
export function watchKeys(file: string, maxAgeMs: number, clock: Pick<Clock, "monotonic">): WatchedKeys {
  let keys: KeysByHash | undefined;
  let stamp = "";
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<KeysByHash> | undefined;

  const read = async (): Promise<KeysByHash> => {
    // Before the look, so that what changes meanwhile is seen in time.
    const at = clock.monotonic();
    try {
      const { ino, mtimeNs, ctimeNs, size } = await stat(file, { bigint: true });
      const now = [ino, mtimeNs, ctimeNs, size].join(" ");
      if (keys === undefined || now !== stamp) {
        keys = new Map(parseKeyFile(await readFile(file, "utf8")).map((entry) => [entry.hash, entry]));
        stamp = now;
      }
    } catch (cause) {
      // Which keys were revoked nobody knows now: none is valid.
      keys = undefined;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AuthenticationUnavailableError(`the key file ${file} cannot be read: ${why}`, { cause });
    }
    lookedAt = at;
    return keys;
  };

  return {
    known: () => (clock.monotonic() - lookedAt < maxAgeMs ? keys : undefined),
    look: () => {
      looking ??= read().finally(() => {
        looking = undefined;
      });
      return looking;
    },
  };
}
