import { timingSafeEqual } from "node:crypto";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { Authenticate, Principal } from "../access/access.ts";
import { isKey, keyHash } from "./api-key.ts";
import { basicPassword, bearerToken } from "./authorization.ts";
import { type KeysByHash, watchKeys } from "./watched-keys.ts";

export interface ApiKeysOptions {
  /** The file that `afoot keys` writes. It holds hashes, no keys. */
  readonly file: string;
  /** How long a key that was taken out of the file may still be valid. @default 1000 */
  readonly maxAgeMs?: number;
  /** @default the machine's */
  readonly clock?: Pick<Clock, "now" | "monotonic">;
}

/** Compared with where a hash is not in the file, so that the answer takes the same steps. */
const NOBODYS = "0".repeat(64);

/**
 * Makes an `authenticate` that knows keys from a file: sent as `Authorization: Bearer`, or, by browsers, as the password of `Basic`.
 * Changes of the file count within `maxAgeMs`, without a restart. While it cannot be read, requests are answered with 503.
 */
export function apiKeys({ file, maxAgeMs = 1000, clock = systemClock }: ApiKeysOptions): Authenticate {
  const watched = watchKeys(file, maxAgeMs, clock);

  const principalOf = (key: string, keys: KeysByHash): Principal | null => {
    const sent = keyHash(key);
    const entry = keys.get(sent);
    const isEqual = timingSafeEqual(Buffer.from(sent), Buffer.from(entry?.hash ?? NOBODYS));
    if (entry === undefined || !isEqual) return null;
    const { principal, expiresAt } = entry;
    return expiresAt !== undefined && Date.parse(expiresAt) <= clock.now() ? null : principal;
  };

  const authenticate: Authenticate = (request) => {
    const key = bearerToken(request) ?? basicPassword(request);
    if (key === undefined || !isKey(key)) return null;
    const known = watched.known();
    return known === undefined ? watched.look().then((keys) => principalOf(key, keys)) : principalOf(key, known);
  };
  return Object.assign(authenticate, { challenge: 'Bearer realm="afoot", Basic realm="afoot", charset="UTF-8"' });
}
