import { hash } from "node:crypto";

/** Time for which a token is accepted without verifying it again, and so the maximum delay until a withdrawn key takes effect. */
const CACHE_TTL_MS = 60_000;
const MAX_CACHED = 10_000;

interface CachedToken<Claims> {
  readonly claims: Claims;
  readonly expiresAt: number;
}

/**
 * A cache of verified tokens. A client sends the same token with each request, and checking a signature takes as long as ten reads.
 * Invalid tokens are not cached, and none is cached beyond its `exp`.
 */
export class VerifiedTokens<Claims extends { readonly exp?: number }> {
  readonly #verified = new Map<string, CachedToken<Claims>>();

  /** @param now in milliseconds since 1970 */
  get(token: string, now: number): Claims | undefined {
    const name = tokenHash(token);
    const found = this.#verified.get(name);
    if (found === undefined) return undefined;
    if (now < found.expiresAt) return found.claims;
    this.#verified.delete(name);
    return undefined;
  }

  add(token: string, claims: Claims, now: number): void {
    const until = Math.min(now + CACHE_TTL_MS, (claims.exp ?? 0) * 1000);
    if (until <= now) return;
    const [oldest] = this.#verified.keys();
    if (this.#verified.size >= MAX_CACHED && oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.set(tokenHash(token), { claims, expiresAt: until });
  }
}

/** Returns the cache key of a token. The tokens themselves are not stored. */
function tokenHash(token: string): string {
  return hash("sha256", token, "base64url");
}
