import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { isKey, keyHash } from "../../server/credentials/api-key.ts";
import { parseKeyFile } from "../../server/credentials/key-entry.ts";
import { keysOptions } from "./keys-options.ts";

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, "../main.ts");
const folder = await mkdtemp(join(tmpdir(), "afoot-keys-"));
after(() => rm(folder, { recursive: true }));

async function afootKeys(file: string, ...argv: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, AFOOT_KEYS: file };
  return run(process.execPath, ["--conditions=@afoot/source", MAIN, "keys", ...argv], { env });
}

describe("afoot keys", () => {
  it("prints a key once, stores only its hash, lists and removes", async () => {
    const file = join(folder, "new", "keys.json");
    const flags = ["--owner", "team", "--operator", "--label", "of the build", "--expires", "90d"];
    const { stdout, stderr } = await afootKeys(file, "add", "ann", ...flags);
    const key = stdout.trim();
    assert.ok(isKey(key));
    assert.match(stderr, /ann  owner team  operator .*"of the build"\nThe new key, shown only this once:/);
    assert.doesNotMatch(stderr, new RegExp(key));

    const text = await readFile(file, "utf8");
    assert.doesNotMatch(text, new RegExp(key));
    const [entry] = parseKeyFile(text);
    assert.ok(entry !== undefined);
    assert.equal(entry.hash, keyHash(key));
    assert.deepEqual(entry.principal, { id: "ann", owner: "team", operator: true });
    const expires = Date.parse(entry.expiresAt ?? "") - Date.parse(entry.createdAt);
    assert.ok(Math.abs(expires - 90 * 86_400_000) < 60_000);
    assert.equal((await stat(file)).mode & 0o777, 0o600);

    const listed = await afootKeys(file, "list", "--json");
    assert.doesNotMatch(listed.stdout, new RegExp(entry.hash));
    assert.match(listed.stdout, new RegExp(entry.id));
    await assert.rejects(
      afootKeys(file, "remove", entry.id, "0000"),
      /has no key 0000; list the ids with: afoot keys list/,
    );
    await afootKeys(file, "remove", entry.id);
    assert.match((await afootKeys(file, "list")).stderr, /no keys yet; create one/);
    assert.deepEqual(await readdir(join(folder, "new")), ["keys.json"], "nothing is left beside it");
  });

  it("loses no key when several are added at the same time", async () => {
    const file = join(folder, "together.json");
    const names = Array.from({ length: 6 }, (_, index) => `p${index}`);
    await Promise.all(names.map((name) => afootKeys(file, "add", name)));
    const entries = parseKeyFile(await readFile(file, "utf8"));
    assert.deepEqual(entries.map(({ principal }) => principal.id).toSorted(), names);
  });

  it("leaves a file that it cannot parse unchanged", async () => {
    const file = join(folder, "odd.json");
    await writeFile(file, "{}");
    await assert.rejects(afootKeys(file, "add", "ann"), /cannot read .*odd\.json: /);
    assert.equal(await readFile(file, "utf8"), "{}");
  });

  it("rejects an invalid command line with the reason", () => {
    const now = Date.parse("2026-06-01T00:00:00Z");
    const read = (...argv: readonly string[]): unknown => keysOptions(argv, { AFOOT_KEYS: "k" }, now);
    assert.deepEqual(read("remove", "a", "b"), { action: "remove", file: "k", ids: ["a", "b"] });
    assert.deepEqual(read("list", "--keys", "other"), { action: "list", file: "other", json: false });
    const until = (text: string): unknown => (read("add", "a", "--expires", text) as { expiresAt: unknown }).expiresAt;
    assert.equal(until("12h"), now + 43_200_000);
    assert.equal(until("2026-12-31"), Date.parse("2026-12-31"));
    for (const [argv, why] of [
      [[], /pass add, list or remove/],
      [["remove"], /pass add, list or remove/],
      [["add"], /pass one principal/],
      [["add", "a", "b"], /pass one principal/],
      [["add", "a", "--owner", ""], /--owner/],
      [["add", "a", "--expires", "2026-01-01"], /not a time in the future/],
      [["add", "a", "--expires", "soon"], /not a time in the future/],
      [["list", "--keys", ""], /no key file given/],
    ] as const) {
      assert.throws(() => read(...argv), why);
    }
  });
});
