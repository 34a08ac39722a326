import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../../core/scheduling/clock.ts";
import { AuthenticationUnavailableError } from "./unavailable.ts";

/** How old keys may be before they are fetched anew, beside the requests. A key that the issuer withdraws is valid no longer. */
const RENEW_MS = 600_000;
/** How long known keys go on being taken while the issuer cannot be asked: its outage is not to be ours at once. */
const MAX_AGE_MS = 3_600_000;
/** How long the issuer is left alone after it failed to answer, and after a token named a key that it does not have. */
const COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 5000;

/**
 * The keys that an issuer publishes. A token that names none of them is the token's fault; that they cannot be fetched is not.
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
    // What failed is tried again in its time; until then the known keys serve.
    remote.reload().catch(() => undefined);
  };

  return async (header, token) => {
    const now = clock.monotonic();
    if (now - failedAt < COOLDOWN_MS) {
      const known = remote.fresh ? remote.jwks() : undefined;
      if (known === undefined) throw unavailable(url);
      return createLocalJWKSet(known)(header, token);
    }
    if (remote.fresh && now - renewedAt > RENEW_MS) renew();
    try {
      return await remote(header, token);
    } catch (error) {
      if (isOfTheToken(error)) throw error;
      failedAt = now;
      throw unavailable(url, error);
    }
  };
}

function isOfTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function unavailable({ origin, pathname }: URL, cause?: unknown): AuthenticationUnavailableError {
  return new AuthenticationUnavailableError(`the keys at ${origin}${pathname} cannot be fetched`, { cause });
}
