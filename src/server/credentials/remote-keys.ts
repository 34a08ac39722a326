import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../../core/scheduling/clock.ts";
import { AuthenticationUnavailableError } from "./unavailable.ts";

/** Maximum age of keys before they are fetched again in the background, so that a withdrawn key becomes invalid. */
const RENEW_INTERVAL_MS = 600_000;
/** Maximum age of keys while the issuer is unreachable: its outage should not become ours at once. */
const MAX_AGE_MS = 3_600_000;
/** Pause between requests to the issuer after a failure, and after a token that names an unknown key. */
const COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 5000;

/**
 * Creates the function that looks up an issuer's published keys. An unknown key makes the token invalid; a failure to fetch the keys does not.
 *
 * @throws AuthenticationUnavailableError from the returned function, while none is known
 */
export function remoteKeys(url: URL, clock: Pick<Clock, "monotonic">): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: MAX_AGE_MS,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
  });
  let renewedAt = clock.monotonic();
  let failedAt = Number.NEGATIVE_INFINITY;

  const renew = (): void => {
    renewedAt = clock.monotonic();
    // A failed fetch is retried later; until then the known keys are used.
    remote.reload().catch(() => undefined);
  };

  return async (header, token) => {
    const now = clock.monotonic();
    if (now - failedAt < COOLDOWN_MS) {
      const known = remote.fresh ? remote.jwks() : undefined;
      if (known === undefined) throw unavailable(url);
      return createLocalJWKSet(known)(header, token);
    }
    if (remote.fresh && now - renewedAt > RENEW_INTERVAL_MS) renew();
    try {
      return await remote(header, token);
    } catch (error) {
      if (isTokenError(error)) throw error;
      failedAt = now;
      throw unavailable(url, error);
    }
  };
}

function isTokenError(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function unavailable({ origin, pathname }: URL, cause?: unknown): AuthenticationUnavailableError {
  return new AuthenticationUnavailableError(`the keys at ${origin}${pathname} cannot be fetched`, { cause });
}
