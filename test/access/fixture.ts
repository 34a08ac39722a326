import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { z } from "zod";
import { type AppParts, createApp } from "../../src/app/create-app.ts";
import { createHost } from "../../src/cli/start/host.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { createKey, keyHash } from "../../src/server/credentials/api-key.ts";
import { apiKeys } from "../../src/server/credentials/api-keys.ts";
import { jwt } from "../../src/server/credentials/jwt.ts";
import { type KeyEntry, keyFileText } from "../../src/server/credentials/key-entry.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const ISSUER = "https://login.example.com";
const AUDIENCE = "afoot";

/** Marker in all of ann's data, and nowhere else. */
export const ANNS = "only-anns-own-text";

/** A type whose work continues until it is released. */
function machineType(settled: Promise<unknown>) {
  const details = z.object({ note: z.string() });
  const work = async (): Promise<{ note: string }> => {
    await settled;
    return { note: ANNS };
  };
  return defineResource({
    name: "machine",
    configuration: z.object({ text: z.string(), hold: z.boolean().default(false), password: z.string().optional() }),
    redact: ["password"],
    details,
    statuses: { ready: "Ready" },
    create: {
      status: "Making",
      work: async ({ configuration }) => (configuration.hold ? work() : { note: ANNS }),
    },
    update: { status: "Changing", work: async () => ({ note: ANNS }) },
    delete: { status: "Deleting", work: async () => undefined },
    actions: { stop: { status: "Stopping", work: async () => ({ note: ANNS }) } },
    receives: { approval: z.object({ by: z.string() }) },
    metadata: true,
    updatedAfter: true,
  });
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A server as hosted by `afoot start`, with all options on, and with keys and tokens. */
export interface AccessFixture extends AsyncDisposable {
  readonly app: AppParts;
  readonly origin: string;
  /** Headers with valid credentials: ann and bob by keys, carla by a token, olga as operator. */
  readonly as: Readonly<Record<"ann" | "bob" | "carla" | "olga", Readonly<Record<string, string>>>>;
  /** Headers with invalid credentials, by their defect. */
  readonly wrong: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Got>;
}

export async function openFixture({ mcp = false } = {}): Promise<AccessFixture> {
  const folder = await temporaryFolder();
  const file = join(folder.path, "keys.json");
  const settled = Promise.withResolvers<unknown>();
  const issuer = await openIssuer();
  const keys = { ann: createKey(), bob: createKey(), olga: createKey(), revoked: createKey(), expired: createKey() };
  const { revoked: _, ...kept } = keys;
  await writeFile(file, keyFileText(Object.entries(kept).map(([id, key]) => entryOf(id, key))));

  const app = createApp({
    resources: [machineType(settled.promise)],
    operations: true,
    messages: true,
    worker: true,
    mcp,
    authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, jwks: issuer.jwks }),
  });
  // Keys as set by `afoot start --keys`.
  await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }), authenticate: apiKeys({ file }) });
  const server = await createHost(app, { log: silentLog, open: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    app,
    origin,
    as: {
      ann: bearer(keys.ann),
      bob: bearer(keys.bob),
      olga: bearer(keys.olga),
      carla: bearer(await issuer.sign({})),
    },
    wrong: {
      none: {},
      "another scheme": { authorization: "Digest x" },
      "no key": bearer("x"),
      "an unknown key": bearer(createKey()),
      "a revoked key": bearer(keys.revoked),
      "an expired key": bearer(keys.expired),
      "a key as a name": { authorization: `Basic ${Buffer.from(`${keys.ann}:`).toString("base64")}` },
      ...(await issuer.wrong()),
    },
    async send(method, path, { headers = {}, body } = {}) {
      const isSent = body !== undefined;
      const request = new Request(origin + path, {
        method,
        redirect: "manual",
        headers: { ...headers, ...(isSent ? { "content-type": "application/json" } : {}) },
        ...(isSent ? { body: JSON.stringify(body) } : {}),
      });
      const response = await fetch(request);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      settled.resolve(undefined);
      server.closeAllConnections();
      server.close();
      await app.close({ graceMs: 1000 });
      await issuer.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function entryOf(id: string, key: string): KeyEntry {
  const hash = keyHash(key);
  return {
    id: randomUUID().replaceAll("-", ""),
    hash,
    principal: { id, ...(id === "olga" ? { operator: true } : {}) },
    createdAt: "2026-01-01T00:00:00Z",
    ...(id === "expired" ? { expiresAt: "2026-01-02T00:00:00Z" } : {}),
  };
}

/** A real issuer of tokens: its keys over HTTP, and tokens of every kind. */
async function openIssuer() {
  const pair = await generateKeyPair("ES256");
  const other = await generateKeyPair("ES256");
  const published: JWK = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES256" };
  const server = createServer((_, response) => response.end(JSON.stringify({ keys: [published] })));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const now = Math.floor(Date.now() / 1000);
  const claimsOf = (more: JWTPayload): JWTPayload => ({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "carla",
    exp: now + 3600,
    ...more,
  });
  const sign = (more: JWTPayload, key = pair.privateKey): Promise<string> =>
    new SignJWT(claimsOf(more)).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(key);
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    sign,
    wrong: async () => ({
      "an expired token": bearer(await sign({ exp: now - 60 })),
      "a token not yet valid": bearer(await sign({ nbf: now + 3600 })),
      "an unsigned token": bearer(`${encoded({ alg: "none" })}.${encoded(claimsOf({}))}.`),
      "a token signed by another": bearer(await sign({}, other.privateKey)),
      "a token for another audience": bearer(await sign({ aud: "other" })),
      "a token of another issuer": bearer(await sign({ iss: "https://evil.example.com" })),
    }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
