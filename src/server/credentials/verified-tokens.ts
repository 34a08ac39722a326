import { hash } from "node:crypto";

/** How long a token is taken without being verified anew: so long a key that the issuer withdraws may count beyond its time. */
const KEPT_MS = 60_000;
const MOST = 10_000;

interface Verified<Claims> {
  readonly claims: Claims;
  readonly until: number;
}

/**
 * Remembers what was verified, for a client sends the same token with each of its requests, and a signature takes as long to check as ten
 * reads. Tokens that are not valid are not remembered, nor is any beyond its `exp`.
 */
export class VerifiedTokens<Claims extends { readonly exp?: number }> {
  readonly #verified = new Map<string, Verified<Claims>>();

  /** @param now in milliseconds since 1970 */
  recall(token: string, now: number): Claims | undefined {
    const name = nameOf(token);
    const found = this.#verified.get(name);
    if (found === undefined) return undefined;
    if (now < found.until) return found.claims;
    this.#verified.delete(name);
    return undefined;
  }

  remember(token: string, claims: Claims, now: number): void {
    const until = Math.min(now + KEPT_MS, (claims.exp ?? 0) * 1000);
    if (until <= now) return;
    const [oldest] = this.#verified.keys();
    if (this.#verified.size >= MOST && oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.set(nameOf(token), { claims, until });
  }
}

/** By its hash: the tokens themselves are kept nowhere. */
function nameOf(token: string): string {
  return hash("sha256", token, "base64url");
}
