import { type JWTVerifyOptions, jwtVerify } from "jose";
import { DefinitionError } from "../../core/errors.ts";
import type { Principal } from "../../core/principal.ts";
import { type Clock, systemClock } from "../../core/scheduling/clock.ts";
import type { Authenticate } from "../access/access.ts";
import { bearerToken } from "./authorization.ts";
import { remoteKeys } from "./remote-keys.ts";
import { AuthenticationUnavailableError } from "./unavailable.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** Asymmetric algorithms, signed with the issuer's private key. Shared secrets and unsigned tokens are never accepted. */
const ASYMMETRIC = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/** The claims of a valid token. */
export interface Claims {
  readonly sub?: string;
  /** Expiry in seconds since 1970. */
  readonly exp?: number;
  readonly [claim: string]: unknown;
}

/** Options of {@link jwt}. */
export interface JwtOptions {
  /** The exact value of `iss`. */
  readonly issuer: string;
  /** Accepted values of `aud`. A token for another API of the same issuer is not valid here. */
  readonly audience: string | readonly string[];
  /** URL of the issuer's public keys, such as `https://login.example.com/.well-known/jwks.json`. */
  readonly jwks: string | URL;
  /** Accepted signature algorithms. @default ["RS256", "ES256", "EdDSA", "Ed25519"] */
  readonly algorithms?: readonly string[];
  /** Maximum difference of the issuer's clock. @default 5000 */
  readonly clockToleranceMs?: number;
  /** Maps the claims of a valid token to a principal; null rejects the token. @default `{ id }`, the token's `sub` */
  readonly principal?: (claims: Claims) => Principal | null;
  /** @default the system clock */
  readonly clock?: Pick<Clock, "now" | "monotonic">;
}

/**
 * Creates an `authenticate` for JSON Web Tokens of one issuer, sent as `Authorization: Bearer`: signed by a published key of the issuer,
 * for this audience, with `exp` and `sub`. Requests get 503 while no key is known because the issuer is unreachable.
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
      // The issuer may write any JSON; `principal` relies on the type.
      if (typeof payload.sub !== "string" || payload.sub === "") return undefined;
      verified.add(token, payload, now);
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
    const claims = verified.get(token, now) ?? (await verify(token, now));
    return claims === undefined ? null : principal(claims);
  };
  return Object.assign(authenticate, { challenge: "Bearer" });
}

function checksOf({ issuer, audience, algorithms, clockToleranceMs = 5000 }: JwtOptions): JWTVerifyOptions {
  const accepted = [...(algorithms ?? ["RS256", "ES256", "EdDSA", "Ed25519"])];
  for (const algorithm of accepted) {
    if (!ASYMMETRIC.test(algorithm)) {
      throw new DefinitionError(
        `jwt: algorithms: ${JSON.stringify(algorithm)} is not an asymmetric algorithm; use RS256, PS256, ES256 or EdDSA`,
      );
    }
  }
  if (issuer === "" || audience.length === 0 || [audience].flat().includes("")) {
    throw new DefinitionError(
      "jwt: issuer and audience are required: without them a token for any other API would be valid here",
    );
  }
  return {
    issuer,
    audience: typeof audience === "string" ? audience : [...audience],
    algorithms: accepted,
    clockTolerance: clockToleranceMs / 1000,
    requiredClaims: ["exp", "sub"],
  };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function keysUrl(jwks: string | URL): URL {
  const url = URL.parse(String(jwks));
  const isPrivate = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (url !== null && isPrivate) return url;
  throw new DefinitionError("jwt: jwks: must be an https URL; over plain http an attacker could insert a key");
}
