import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { eventually } from "../../../test/support/eventually.ts";
import type { AuthenticateRequest } from "../access/access.ts";
import { jwt, type JwtOptions } from "./jwt.ts";

const ISSUER = "https://login.example.com";
const AUDIENCE = "afoot";

interface Issuer extends AsyncDisposable {
  readonly jwks: string;
  /** The published keys, or "down" to respond 500. */
  keys: readonly JWK[] | "down";
  /** Number of requests. */
  requests: number;
}

/** A real HTTP server that publishes keys. */
async function openIssuer(keys: readonly JWK[]): Promise<Issuer> {
  const server = createServer((_, response) => {
    issuer.requests++;
    if (issuer.keys === "down") response.writeHead(500).end();
    else response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: issuer.keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer: Issuer = {
    jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    keys,
    requests: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return issuer;
}

const pair = await generateKeyPair("ES256");
const other = await generateKeyPair("ES256");
const published: JWK = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES256" };

const NOW = Date.parse("2026-01-01T00:00:00Z");
let now = NOW;
const clock = { now: () => now, monotonic: () => now };

const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: "ann", exp: NOW / 1000 + 60 };

async function signed(claims: JWTPayload, key = pair.privateKey, kid = "one"): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: "ES256", kid }).sign(key);
}

function sent(token: string): AuthenticateRequest {
  const headers = new Headers({ authorization: `Bearer ${token}` });
  return { method: "GET", path: "/api", headers, header: (name) => headers.get(name) ?? undefined, host: undefined };
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const options = { issuer: ISSUER, audience: AUDIENCE, clock };

describe("jwt", () => {
  it("maps a token of the issuer to its principal", async () => {
    await using issuer = await openIssuer([published]);
    const authenticate = jwt({ ...options, jwks: issuer.jwks });
    assert.deepEqual(await authenticate(sent(await signed(CLAIMS))), { id: "ann" });
    assert.deepEqual(await authenticate(sent(await signed({ ...CLAIMS, aud: ["x", AUDIENCE] }))), { id: "ann" });
    const team = jwt({
      ...options,
      jwks: issuer.jwks,
      principal: ({ sub = "", org }) => (typeof org === "string" ? { id: sub, owner: org } : null),
    });
    assert.deepEqual(await team(sent(await signed({ ...CLAIMS, org: "acme" }))), { id: "ann", owner: "acme" });
    assert.equal(await team(sent(await signed(CLAIMS))), null);
    assert.equal(issuer.requests, 2, "once for each: the keys are kept");
  });

  it("rejects every other token", async () => {
    await using issuer = await openIssuer([published]);
    const authenticate = jwt({ ...options, jwks: issuer.jwks });
    const good = await signed(CLAIMS);
    const [header = "", claims = "", signature = ""] = good.split(".");
    const shared = new TextEncoder().encode(JSON.stringify(published));
    const hmac = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(shared);
    const without = ({ ...claimsOf }: JWTPayload, name: string): JWTPayload => {
      Reflect.deleteProperty(claimsOf, name);
      return claimsOf;
    };
    const refused = {
      expired: await signed({ ...CLAIMS, exp: NOW / 1000 - 6 }),
      "not yet valid": await signed({ ...CLAIMS, nbf: NOW / 1000 + 6 }),
      "of another issuer": await signed({ ...CLAIMS, iss: `${ISSUER}/` }),
      "for another audience": await signed({ ...CLAIMS, aud: "other" }),
      "without expiry": await signed(without(CLAIMS, "exp")),
      "without a subject": await signed(without(CLAIMS, "sub")),
      "without an audience": await signed(without(CLAIMS, "aud")),
      "without an issuer": await signed(without(CLAIMS, "iss")),
      "signed by another": await signed(CLAIMS, other.privateKey),
      "by a key that is not published": await signed(CLAIMS, other.privateKey, "two"),
      unsigned: `${encoded({ alg: "none" })}.${claims}.`,
      "signed with the public key as a secret": hmac,
      "changed after it was signed": `${header}.${encoded({ ...CLAIMS, sub: "bob" })}.${signature}`,
      "cut off": `${header}.${claims}.${signature.slice(0, -4)}`,
      "no token": "x.y.z",
    };
    for (const [what, token] of Object.entries(refused)) assert.equal(await authenticate(sent(token)), null, what);
    assert.deepEqual(await authenticate(sent(good)), { id: "ann" }, "and takes the good one still");
  });

  it("ignores keys and addresses that the token names, and rejects extensions that it does not know", async () => {
    await using thief = await openIssuer([published]);
    await using issuer = await openIssuer([published]);
    const authenticate = jwt({ ...options, jwks: issuer.jwks });
    const jwk = { ...(await exportJWK(other.publicKey)), alg: "ES256" };
    const forged = (header: object): Promise<string> =>
      new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(other.privateKey);
    const named = (header: object): Promise<string> =>
      new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(pair.privateKey);
    const good = await signed(CLAIMS);
    const [header = "", claims = "", signature = ""] = good.split(".");
    const withHeader = (text: string): string => `${Buffer.from(text).toString("base64url")}.${claims}.${signature}`;
    const refused = {
      "with its own key": await forged({ jwk }),
      "with its own key alone": await forged({ jwk, kid: undefined }),
      "with the address of its keys": await forged({ jku: thief.jwks, x5u: thief.jwks }),
      "with its own certificate": await forged({ x5c: ["MIIB"], "x5t#S256": "x" }),
      "with a path as the name of its key": await forged({ kid: "../../../../dev/null" }),
      "with SQL as the name of its key": await forged({ kid: "x' union select 'key' --" }),
      "with a name of another type": await forged({ kid: ["one"] }),
      "with a name of the prototype": await forged({ kid: "__proto__" }),
      "with 6,000 characters as the name of its key": await forged({ kid: "k".repeat(6000) }),
      "with an unknown extension": withHeader('{"alg":"ES256","kid":"one","crit":["x"],"x":1}'),
      "with extensions of another type": withHeader('{"alg":"ES256","kid":"one","crit":"exp"}'),
      "with the algorithm twice": withHeader('{"alg":"none","alg":"ES256","kid":"one"}'),
      "of another encoding": `${header}.${claims}=.${signature}`,
      "with a fourth part": `${good}.${signature}`,
      "with an empty signature": `${header}.${claims}.`,
      "with a signature of zeros": `${header}.${claims}.${Buffer.alloc(64).toString("base64url")}`,
      "that contains another token": await new SignJWT({ jwt: good })
        .setProtectedHeader({ alg: "ES256", kid: "one", cty: "JWT" })
        .sign(pair.privateKey),
      "twice in one header": `${good}, Bearer ${good}`,
      "with an expiry as a text": await signed({ ...CLAIMS, exp: "9999999999" as never }),
      "without a text as its subject": await signed({ ...CLAIMS, sub: { id: "ann" } as never }),
      "with an empty subject": await signed({ ...CLAIMS, sub: "" }),
      "with claims that are no object": `${header}.${Buffer.from("[]").toString("base64url")}.${signature}`,
    };
    for (const [what, token] of Object.entries(refused)) assert.equal(await authenticate(sent(token)), null, what);
    assert.deepEqual(await authenticate(sent(await named({ jwk, jku: thief.jwks }))), { id: "ann" }, "by the real key");
    assert.equal(thief.requests, 0);
    assert.equal(issuer.requests, 1, "unknown keys lead to no request within the pause");
  });

  it("allows for clocks that differ by a little", async () => {
    await using issuer = await openIssuer([published]);
    const authenticate = jwt({ ...options, jwks: issuer.jwks });
    assert.deepEqual(await authenticate(sent(await signed({ ...CLAIMS, exp: NOW / 1000 - 4 }))), { id: "ann" });
    const strict = jwt({ ...options, jwks: issuer.jwks, clockToleranceMs: 0 });
    assert.equal(await strict(sent(await signed({ ...CLAIMS, exp: NOW / 1000 - 1 }))), null);
  });

  it("throws while the issuer is down, pauses its requests, and recovers when the issuer is back", async () => {
    now = NOW;
    await using issuer = await openIssuer([published]);
    issuer.keys = "down";
    const authenticate = jwt({ ...options, jwks: issuer.jwks });
    const token = await signed(CLAIMS);
    const unavailable = {
      code: "authentication-unavailable",
      message: /the keys at http:.*jwks\.json cannot be fetched/,
    };
    for (let request = 0; request < 3; request++) {
      await assert.rejects(async () => authenticate(sent(token)), unavailable);
    }
    assert.equal(issuer.requests, 1);
    issuer.keys = [published];
    now += 10_000;
    assert.deepEqual(await authenticate(sent(token)), { id: "ann" });
    now += 9000;
    issuer.keys = "down";
    assert.deepEqual(await authenticate(sent(token)), { id: "ann" }, "what is known goes on being taken");
    now = NOW;
  });

  it("refreshes the keys in the background, so that a withdrawn key becomes invalid", async () => {
    now = NOW;
    await using issuer = await openIssuer([published]);
    const authenticate = jwt({ ...options, jwks: issuer.jwks });
    const token = await signed({ ...CLAIMS, exp: NOW / 1000 + 36_000 });
    assert.deepEqual(await authenticate(sent(token)), { id: "ann" });
    issuer.keys = [{ ...(await exportJWK(other.publicKey)), kid: "two", alg: "ES256" }];
    now += 600_001;
    await eventually("the token of the withdrawn key to be refused", async () => {
      if ((await authenticate(sent(token))) === null) return true;
      now += 60_000;
      return false;
    });
    assert.equal(issuer.requests, 2);
    now = NOW;
  });

  it("rejects insecure options at definition", () => {
    const safe = { issuer: ISSUER, audience: AUDIENCE, jwks: "https://login.example.com/jwks" };
    jwt(safe);
    for (const [unsafe, why] of [
      [{ algorithms: ["HS256"] }, /"HS256" is not an asymmetric algorithm/],
      [{ algorithms: ["RS256", "none"] }, /"none" is not an asymmetric/],
      [{ jwks: "http://login.example.com/jwks" }, /must be an https URL/],
      [{ jwks: "jwks" }, /must be an https URL/],
      [{ audience: [] }, /issuer and audience/],
      [{ audience: "" }, /issuer and audience/],
      [{ issuer: "" }, /issuer and audience/],
    ] as const satisfies (readonly [Partial<JwtOptions>, RegExp])[]) {
      assert.throws(() => jwt({ ...safe, ...unsafe }), why);
    }
  });
});
