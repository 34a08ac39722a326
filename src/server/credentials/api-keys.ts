import { timingSafeEqual } from "node:crypto";
import type { Principal } from "../../core/principal.ts";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { Authenticate } from "../access/access.ts";
import { isKey, keyHash } from "./api-key.ts";
import { basicPassword, bearerToken } from "./authorization.ts";
import { type KeysByHash, cacheKeyFile } from "./key-file-cache.ts";

/** Options of {@link apiKeys}. */
export interface ApiKeysOptions {
  /** The file written by `afoot keys`. It contains hashes, not keys. */
  readonly file: string;
  /** Maximum time that a key removed from the file remains valid. @default 1000 */
  readonly maxAgeMs?: number;
  /** @default the system clock */
  readonly clock?: Pick<Clock, "now" | "monotonic">;
}

/** Compared with the hash of an unknown key, so that the comparison takes the same steps as for a known one. */
const UNKNOWN_HASH = "0".repeat(64);

/**
 * Creates an `authenticate` for API keys in a file, sent as `Authorization: Bearer` or, by browsers, as the password of `Basic`.
 * Changes of the file take effect within `maxAgeMs`, without a restart. While it cannot be read, requests get 503.
 */
export function apiKeys({ file, maxAgeMs = 1000, clock = systemClock }: ApiKeysOptions): Authenticate {
  const keyFile = cacheKeyFile(file, maxAgeMs, clock);

  const principalOf = (key: string, keys: KeysByHash): Principal | null => {
    const sent = keyHash(key);
    const entry = keys.get(sent);
    const isEqual = timingSafeEqual(Buffer.from(sent), Buffer.from(entry?.hash ?? UNKNOWN_HASH));
    if (entry === undefined || !isEqual) return null;
    const { principal, expiresAt } = entry;
    return expiresAt !== undefined && Date.parse(expiresAt) <= clock.now() ? null : principal;
  };

  const authenticate: Authenticate = (request) => {
    const key = bearerToken(request) ?? basicPassword(request);
    if (key === undefined || !isKey(key)) return null;
    const known = keyFile.cached();
    return known === undefined ? keyFile.refresh().then((keys) => principalOf(key, keys)) : principalOf(key, known);
  };
  return Object.assign(authenticate, { challenge: 'Bearer realm="afoot", Basic realm="afoot", charset="UTF-8"' });
}
