import assert from "node:assert/strict";
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { applyOne, create, existing, numbered } from "../../conformance/store/fixture/changes.ts";
import { AT, POLICIES } from "../../conformance/store/fixture/types.ts";
import { DefinitionError, StoreOpenError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { APPLICATION_ID } from "./file/database.ts";
import { MIGRATIONS } from "./file/migrations.ts";
import { sqliteStore } from "./index.ts";

const PAGE = 4096;

async function openStore(path: string): Promise<Store> {
  const store = sqliteStore({ path });
  await store.open({ policies: POLICIES, at: AT, onFatal: () => {} });
  return store;
}

describe("sqliteStore and files", () => {
  let folder = "";
  let file = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "afoot-sqlite-"));
    file = join(folder, "afoot.db");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const filled = async (): Promise<void> => {
    const store = await openStore(file);
    await store.apply(numbered(300).map((id) => create(id)));
    await store.close();
  };

  /** Asserts that opening fails with a message that says what to do, and that every file stays byte for byte. */
  const refused = async (code: string, message: RegExp): Promise<void> => {
    const contents = async (): Promise<Map<string, string>> => {
      const names = (await readdir(folder)).filter((name) => !name.endsWith("-lock")).toSorted();
      return new Map(
        await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "hex")] as const)),
      );
    };
    const before = await contents();
    const error: unknown = await openStore(file).catch((cause: unknown) => cause);
    assert.ok(error instanceof StoreOpenError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(error.message.includes(file));
    assert.deepEqual(await contents(), before);
  };

  it("makes the folder and the file, and leaves no other file when closed", async () => {
    file = join(folder, "a", "b ü", "afoot.db");
    await filled();
    assert.deepEqual((await readdir(join(folder, "a", "b ü"))).toSorted(), ["afoot.db", "afoot.db-lock"]);
    using database = new DatabaseSync(file, { readOnly: true });
    assert.equal(database.prepare("pragma application_id").get()?.["application_id"], APPLICATION_ID);
    assert.equal(database.prepare("pragma user_version").get()?.["user_version"], MIGRATIONS.length);
    assert.equal(database.prepare("pragma journal_mode").get()?.["journal_mode"], "wal");
  });

  it("refuses a path that names no file, where it is configured", () => {
    for (const path of ["", " ", ":memory:", "file:a.db", "a\0b", undefined]) {
      assert.throws(() => sqliteStore({ path: path as string }), {
        code: "store-path",
        message: /^sqliteStore: path: /,
      });
    }
    assert.ok(!(new StoreOpenError("store-path", "") instanceof DefinitionError));
  });

  it("refuses a folder in the place of the file, and a file in the place of the folder", async () => {
    await assert.rejects(openStore(folder), { code: "store-path", message: /is a folder; give the path of a file/ });
    await writeFile(file, "");
    await assert.rejects(openStore(join(file, "afoot.db")), { code: "store-path", message: /cannot be created/ });
    await assert.rejects(openStore("/dev/null"), { code: "store-path", message: /not a regular file/ });
  });

  it("takes an empty file for a new one, and what a crash left of making one away", async () => {
    await writeFile(file, "");
    await writeFile(`${file}-new`, "half");
    await filled();
    assert.deepEqual((await readdir(folder)).toSorted(), ["afoot.db", "afoot.db-lock"]);
  });

  it("refuses what is no SQLite database", async () => {
    await writeFile(file, "id,name\n".repeat(1000));
    await refused("store-corrupt", /not a SQLite database; nothing was changed: restore it from a backup/);
    await writeFile(file, "SQLite");
    await refused("store-corrupt", /not a SQLite database/);
  });

  it("refuses the database of another program", async () => {
    const foreign = new DatabaseSync(file);
    foreign.exec("pragma journal_mode = wal; create table resources (id); insert into resources values (1)");
    foreign.close();
    await refused("store-foreign", /another program; nothing was changed: give another path/);
  });

  it("refuses a newer file, saying which version wrote it", async () => {
    await filled();
    const newer = new DatabaseSync(file);
    newer.exec("create table later (id); update meta set value = '9.8.7' where name = 'written_by'");
    newer.exec(`pragma user_version = ${MIGRATIONS.length + 1}`);
    newer.close();
    await refused("store-newer", /last written by Afoot 9\.8\.7 .*run that version of Afoot or a later one/);
  });

  it("refuses a damaged file, wherever the damage is", async () => {
    for (const at of [100, PAGE, 20 * PAGE]) {
      await rm(file, { force: true });
      await filled();
      const handle = await open(file, "r+");
      await handle.write(Buffer.alloc(PAGE, 0x5a), 0, PAGE, at);
      await handle.close();
      await refused("store-corrupt", /is damaged/);
    }
  });

  it("refuses a file that was cut off", async () => {
    await filled();
    await truncate(file, 2 * PAGE);
    await refused("store-corrupt", /is damaged/);
  });

  it("recovers the write-ahead log that a killed process left", async () => {
    const store = await openStore(file);
    await applyOne(store, create("a"));
    const left = new Map(
      await Promise.all(["", "-wal"].map(async (end) => [end, await readFile(`${file}${end}`)] as const)),
    );
    await store.close();
    for (const [end, content] of left) await writeFile(`${file}${end}`, content);
    const again = await openStore(file);
    assert.equal((await existing(again, "a")).status, "Making");
    await again.close();
  });

  it("is opened once", async () => {
    const store = await openStore(file);
    await assert.rejects(store.open({ policies: POLICIES, at: AT, onFatal: () => {} }), { code: "store-open" });
    await store.close();
    await assert.rejects(store.open({ policies: POLICIES, at: AT, onFatal: () => {} }), { code: "store-open" });
  });

  it("closes after an opening that is under way, or that failed", async () => {
    const store = sqliteStore({ path: file });
    const opening = store.open({ policies: POLICIES, at: AT, onFatal: () => {} });
    await store.close();
    await opening;
    await assert.rejects(store.read([]), { code: "store-unavailable" });
    const failing = sqliteStore({ path: folder });
    await assert.rejects(failing.open({ policies: POLICIES, at: AT, onFatal: () => {} }));
    await failing.close();
    await (await openStore(file)).close();
  });

  it("is opened after it was prepared, and touches nothing where it is not", async () => {
    const left = sqliteStore({ path: file });
    left.prepare?.();
    await left.close();
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(left.open({ policies: POLICIES, at: AT, onFatal: () => {} }), { code: "store-open" });

    const store = sqliteStore({ path: file });
    store.prepare?.();
    await store.open({ policies: POLICIES, at: AT, onFatal: () => {} });
    assert.equal((await applyOne(store, create("a"))).outcome, "applied");
    await store.close();

    const failing = sqliteStore({ path: folder });
    failing.prepare?.();
    await assert.rejects(failing.open({ policies: POLICIES, at: AT, onFatal: () => {} }), { code: "store-path" });
    await failing.close();
  });
});
