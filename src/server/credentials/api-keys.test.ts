import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { AuthenticateRequest, Authenticate } from "../access/access.ts";
import { createKey, isKey, keyHash } from "./api-key.ts";
import { apiKeys } from "./api-keys.ts";
import { firstOf } from "./first-of.ts";
import { type KeyEntry, keyFileText, parseKeyFile } from "./key-entry.ts";

const folder = await mkdtemp(join(tmpdir(), "afoot-keys-"));
after(() => rm(folder, { recursive: true }));

let now = Date.parse("2026-01-01T00:00:00Z");
const clock = { now: () => now, monotonic: () => now };

function sent(authorization?: string): AuthenticateRequest {
  const headers = new Headers(authorization === undefined ? {} : { authorization });
  return { method: "GET", path: "/api", headers, header: (name) => headers.get(name) ?? undefined, host: undefined };
}

function entryOf(key: string, more: Partial<KeyEntry> = {}): KeyEntry {
  const hash = keyHash(key);
  return { id: hash.slice(0, 12), hash, principal: { id: "ann" }, createdAt: "2026-01-01T00:00:00Z", ...more };
}

/** Replaces the file atomically, as `afoot keys` does. */
async function put(file: string, entries: readonly KeyEntry[]): Promise<void> {
  const beside = join(folder, randomUUID());
  await writeFile(beside, keyFileText(entries));
  await rename(beside, file);
}

describe("a key", () => {
  it("has a prefix that scanners find, 190 random bits, and a checksum", () => {
    const keys = new Set(Array.from({ length: 100 }, createKey));
    assert.equal(keys.size, 100);
    for (const key of keys) {
      assert.match(key, /^afoot_[0-9A-Za-z]{38}$/);
      assert.equal(isKey(key), true);
      assert.equal(isKey(key.slice(0, -1) + (key.endsWith("a") ? "b" : "a")), false, "one wrong letter");
      assert.equal(isKey(`${key} `), false);
    }
  });
});

describe("apiKeys", () => {
  it("authenticates a known key, as bearer token or Basic password, and rejects everything else", async () => {
    const [key, teamKey] = [createKey(), createKey()];
    const file = join(folder, randomUUID());
    const team = { id: "bob", owner: "team", operator: true };
    await put(file, [entryOf(key), entryOf(teamKey, { principal: team, label: "of the team" })]);
    const authenticate = apiKeys({ file, clock });
    assert.deepEqual(await authenticate(sent(`Bearer ${key}`)), { id: "ann" });
    assert.deepEqual(await authenticate(sent(`bearer ${teamKey}`)), team);
    const basic = (password: string): string => `Basic ${Buffer.from(password).toString("base64")}`;
    assert.deepEqual(await authenticate(sent(basic(`anything:${teamKey}`))), team);
    const strange = [
      undefined,
      "",
      `Bearer ${createKey()}`,
      "Bearer x",
      `Bearer ${key}x`,
      key,
      basic(key),
      basic("a:b"),
      "Basic !",
    ];
    for (const credentials of strange) assert.equal(await authenticate(sent(credentials)), null, credentials);
    assert.equal(authenticate.challenge, 'Bearer realm="afoot", Basic realm="afoot", charset="UTF-8"');
  });

  it("accepts a removed key for at most a second, and accepts a new one", async () => {
    const [old, young] = [createKey(), createKey()];
    const file = join(folder, randomUUID());
    await put(file, [entryOf(old)]);
    const authenticate = apiKeys({ file, clock });
    assert.deepEqual(await authenticate(sent(`Bearer ${old}`)), { id: "ann" });
    await put(file, [entryOf(young)]);
    now += 999;
    assert.deepEqual(authenticate(sent(`Bearer ${old}`)), { id: "ann" }, "at once, without reading the file");
    now += 1;
    assert.equal(await authenticate(sent(`Bearer ${old}`)), null);
    assert.deepEqual(await authenticate(sent(`Bearer ${young}`)), { id: "ann" });
  });

  it("rejects an expired key", async () => {
    const key = createKey();
    const file = join(folder, randomUUID());
    await put(file, [entryOf(key, { expiresAt: new Date(now + 500).toISOString() })]);
    const authenticate = apiKeys({ file, clock });
    now += 499;
    assert.deepEqual(await authenticate(sent(`Bearer ${key}`)), { id: "ann" });
    now += 1;
    assert.equal(await authenticate(sent(`Bearer ${key}`)), null);
  });

  it("rejects every key while the file cannot be read, with the reason in the log only", async () => {
    const key = createKey();
    const file = join(folder, randomUUID());
    const authenticate = apiKeys({ file, clock });
    const unavailable = { code: "authentication-unavailable", message: new RegExp(`${file} cannot be read: `) };
    await assert.rejects(async () => authenticate(sent(`Bearer ${key}`)), unavailable);
    await put(file, [entryOf(key)]);
    assert.deepEqual(await authenticate(sent(`Bearer ${key}`)), { id: "ann" });
    await writeFile(file, '{"keys":');
    now += 1000;
    await assert.rejects(async () => authenticate(sent(`Bearer ${key}`)), unavailable);
    assert.equal(await authenticate(sent("Bearer x")), null, "a malformed key needs no file");
  });

  it("compares in constant time, also for an unknown key", async () => {
    const source = await readFile(new URL("api-keys.ts", import.meta.url), "utf8");
    const body = /principalOf = [^]*?\n  \};/.exec(source)?.[0] ?? "";
    const compared = body.indexOf("timingSafeEqual(");
    assert.ok(compared > 0);
    assert.doesNotMatch(body.slice(0, compared), /return|throw|if \(/, "no early return before the comparison");
    assert.match(body, /timingSafeEqual\([^;]*\?\? UNKNOWN_HASH/, "an unknown hash is compared too");
    assert.doesNotMatch(body, /hash\s*[!=]==?/);
  });
});

describe("a key file", () => {
  it("is parsed as it was written, and errors name the invalid field", () => {
    const entries = [entryOf(createKey(), { expiresAt: "2027-01-01T00:00:00Z", label: "x" })];
    assert.deepEqual(parseKeyFile(keyFileText(entries)), entries);
    const [entry = entryOf("")] = entries;
    for (const [file, why] of [
      ["", /not JSON/],
      ["[]", /no array/],
      ['{"keys":[1]}', /keys\[0\] is not an object/],
      [keyFileText([{ ...entry, hash: "abc" }]), /keys\[0\]\.hash/],
      [keyFileText([{ ...entry, principal: { id: "" } }]), /keys\[0\]\.principal\.id/],
      [keyFileText([{ ...entry, principal: { id: "a", owner: "" } }]), /keys\[0\]\.principal\.owner/],
      [keyFileText([{ ...entry, expiresAt: "soon" }]), /keys\[0\]\.expiresAt is not a date/],
      [keyFileText([entry, entry]), /same id/],
    ] as const) {
      assert.throws(() => parseKeyFile(file), why);
    }
  });
});

describe("firstOf", () => {
  const down = new Error("down");
  const knows =
    (id: string): Authenticate =>
    (request) =>
      request.header("authorization") === id ? { id } : null;
  const fails: Authenticate = () => {
    throw down;
  };

  it("tries one after the other, and throws only if no other recognizes the request", async () => {
    const any = firstOf(knows("a"), fails, knows("b"));
    assert.deepEqual(await any(sent("a")), { id: "a" });
    assert.deepEqual(await any(sent("b")), { id: "b" });
    await assert.rejects(async () => any(sent("c")), down);
    assert.equal(await firstOf(knows("a"))(sent("c")), null);
  });

  it("combines the challenges", () => {
    const keys = apiKeys({ file: "keys" });
    assert.equal(firstOf(knows("a")).challenge, undefined);
    assert.equal(firstOf(keys, keys).challenge, keys.challenge);
  });
});
