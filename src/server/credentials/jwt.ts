import { type JWTVerifyOptions, jwtVerify } from "jose";
import { DefinitionError } from "../../core/errors.ts";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { Authenticate, Principal } from "../access/access.ts";
import { bearerToken } from "./authorization.ts";
import { remoteKeys } from "./remote-keys.ts";
import { AuthenticationUnavailableError } from "./unavailable.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** Signed with a private key that the issuer alone has. A shared secret, or no signature at all, is never taken. */
const ASYMMETRIC = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/** What a valid token says. */
export interface Claims {
  readonly sub?: string;
  /** Seconds since 1970. */
  readonly exp?: number;
  readonly [claim: string]: unknown;
}

export interface JwtOptions {
  /** Who signs: what `iss` says, to the letter. */
  readonly issuer: string;
  /** For whom it is signed: one of these stands in `aud`. A token for another API of the same issuer is not valid here. */
  readonly audience: string | readonly string[];
  /** Where the issuer publishes its keys, such as `https://login.example.com/.well-known/jwks.json`. */
  readonly jwks: string | URL;
  /** Which signatures are taken. @default ["RS256", "ES256", "EdDSA", "Ed25519"] */
  readonly algorithms?: readonly string[];
  /** By how much the issuer's clock may differ. @default 5000 */
  readonly clockToleranceMs?: number;
  /** Who a valid token speaks for; null refuses it. @default `{ id }`, the token's `sub` */
  readonly principal?: (claims: Claims) => Principal | null;
  /** @default the machine's */
  readonly clock?: Pick<Clock, "now" | "monotonic">;
}

/**
 * Makes an `authenticate` that takes JSON Web Tokens of one issuer, sent as `Authorization: Bearer`: signed by a key that the issuer
 * publishes, for this audience, with `exp` and `sub`. While no key is known because the issuer cannot be asked, the answer is 503.
 *
 * @throws DefinitionError for an algorithm without a public key, and for keys over plain HTTP
 * @see https://www.rfc-editor.org/rfc/rfc8725
 */
export function jwt(options: JwtOptions): Authenticate {
  const { principal = ({ sub = "" }) => ({ id: sub }), clock = systemClock } = options;
  const keys = remoteKeys(keysUrl(options.jwks), clock);
  const checks = checksOf(options);
  const verified = new VerifiedTokens<Claims>();
  const verify = async (token: string, now: number): Promise<Claims | undefined> => {
    try {
      const { payload } = await jwtVerify(token, keys, { ...checks, currentDate: new Date(now) });
      verified.remember(token, payload, now);
      return payload;
    } catch (error) {
      if (error instanceof AuthenticationUnavailableError) throw error;
      return undefined;
    }
  };
  const authenticate: Authenticate = async (request) => {
    const token = bearerToken(request);
    if (token === undefined) return null;
    const now = clock.now();
    const claims = verified.recall(token, now) ?? (await verify(token, now));
    return claims === undefined ? null : principal(claims);
  };
  return Object.assign(authenticate, { challenge: "Bearer" });
}

function checksOf({ issuer, audience, algorithms, clockToleranceMs = 5000 }: JwtOptions): JWTVerifyOptions {
  const taken = [...(algorithms ?? ["RS256", "ES256", "EdDSA", "Ed25519"])];
  for (const algorithm of taken) {
    if (!ASYMMETRIC.test(algorithm)) {
      throw new DefinitionError(
        `jwt: algorithms: ${JSON.stringify(algorithm)} is not one with a public key; use RS256, PS256, ES256 or EdDSA`,
      );
    }
  }
  if (issuer === "" || audience.length === 0 || [audience].flat().includes("")) {
    throw new DefinitionError("jwt: give issuer and audience: else a token for anybody would be valid here");
  }
  return {
    issuer,
    audience: typeof audience === "string" ? audience : [...audience],
    algorithms: taken,
    clockTolerance: clockToleranceMs / 1000,
    requiredClaims: ["exp", "sub"],
  };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function keysUrl(jwks: string | URL): URL {
  const url = URL.parse(String(jwks));
  const isPrivate = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (url !== null && isPrivate) return url;
  throw new DefinitionError("jwt: jwks: give an https URL; over plain http anybody on the way could put in a key");
}
