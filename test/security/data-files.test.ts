import assert from "node:assert/strict";
import { chmod, copyFile, readFile, readdir, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { changeKeyFile, readKeyFile } from "../../src/cli/keys/change-key-file.ts";
import { openCopySource } from "../../src/stores/sqlite/copy-source.ts";
import { createReserve } from "../../src/stores/sqlite/file/reserve.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { fill, openSqlite } from "../copy/fixture.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const skip = process.platform === "win32" ? "needs a POSIX system" : false;

describe("the files of a SQLite store", { skip }, () => {
  it("are readable by their owner alone, whatever the umask", async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const before = process.umask(0);
    const store = sqliteStore({ path: join(data, "afoot.db") });
    try {
      await store.open({ policies: new Map(), at: Date.now(), onFatal: () => {} });
      await store.checkWritable?.();
      const names = await readdir(data);
      assert.ok(names.includes("afoot.db-wal") && names.includes("afoot.db-lock"), names.join(" "));
      const modes = await Promise.all(names.map(async (name) => (await stat(join(data, name))).mode & 0o777));
      assert.deepEqual(
        modes,
        names.map(() => 0o600),
        names.join(" "),
      );
      assert.equal((await stat(data)).mode & 0o777, 0o700);
    } finally {
      process.umask(before);
      await store.close();
    }
  });

  it("are not written through a symbolic link that another user has planted", async () => {
    await using folder = await temporaryFolder();
    const target = join(folder.path, "target");
    await writeFile(target, "unchanged");
    for (const end of ["-new", "-reserve"]) await symlink(target, join(folder.path, `afoot.db${end}`));
    const store = sqliteStore({ path: join(folder.path, "afoot.db") });
    await store.open({ policies: new Map(), at: Date.now(), onFatal: () => {} });
    await store.close();
    createReserve(join(folder.path, "afoot.db")).ensure();
    assert.equal(await readFile(target, "utf8"), "unchanged");
  });
});

it("a key file to which every user may add a key is refused", { skip }, async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "keys.json");
  await writeFile(file, '{"keys":[]}');
  await chmod(file, 0o666);
  const error = { code: "key-file", message: /every user of this machine may write it; run: chmod 600/ };
  await assert.rejects(readKeyFile(file), error);
  await assert.rejects(
    changeKeyFile(file, (entries) => entries),
    error,
  );
  await chmod(file, 0o644);
  assert.deepEqual(await readKeyFile(file), []);
});

/** SQL of another program in a file of Afoot, with the reason why the file is refused. */
const PLANTED: Readonly<Record<string, RegExp>> = {
  "create trigger evil after insert on meta begin update resources set owner = 'evil'; end": /the trigger "evil"/,
  "create trigger durations after insert on resources begin delete from history; end": /the trigger "durations"/,
  "alter table durations rename to d; create view durations as select * from d": /the view "durations"/,
  "create view endless as with recursive n (i) as (select 1 union all select i + 1 from n) select i from n":
    /the view "endless"/,
  "create virtual table evil using fts5(a)": /the virtual table "evil"/,
  "drop table history": /no such table: history/,
  "alter table resources rename column owner to evil": /no column named owner/,
  "pragma user_version = 0": /table meta already exists/,
  "pragma user_version = 1000000": /was last written by Afoot/,
  "pragma application_id = 1": /is the database of another program/,
  "insert or replace into meta values ('relocation', '{')": /Expected property name/,
};

describe("a file of another origin", () => {
  it("is refused before anything of it runs, and stays as it is", async () => {
    await using folder = await temporaryFolder();
    const original = join(folder.path, "original.db");
    const path = join(folder.path, "afoot.db");
    await fill(original);
    for (const [sql, message] of Object.entries(PLANTED)) {
      await copyFile(original, path);
      const planted = new DatabaseSync(path);
      planted.exec(sql);
      planted.close();
      const before = await readFile(path);
      assert.throws(() => openCopySource(path, Date.now()), { name: "StoreOpenError", message }, sql);
      assert.ok(before.equals(await readFile(path)), sql);
    }
    await assert.rejects(openSqlite(path), { name: "StoreOpenError" });

    const bytes = await readFile(original);
    const damages: readonly (() => Promise<void>)[] = [
      () => truncate(path, 100),
      () => truncate(path, bytes.length / 2),
      () =>
        writeFile(
          path,
          bytes.map((byte, index) => (index > 4096 && index % 97 === 0 ? 255 - byte : byte)),
        ),
      () => writeFile(path, "not a database"),
      () => writeFile(path, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096)])),
    ];
    for (const [index, damage] of damages.entries()) {
      await copyFile(original, path);
      await damage();
      const before = await readFile(path);
      const error = { code: "store-corrupt", message: /nothing was changed/ };
      assert.throws(() => openCopySource(path, Date.now()), error, String(index));
      assert.ok(before.equals(await readFile(path)), String(index));
    }
  });

  it("is refused if it has the WAL of another database, whose pages would replace its own", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "afoot.db");
    await fill(path);
    const other = new DatabaseSync(join(folder.path, "other.db"));
    other.exec("pragma journal_mode = wal; create table t (a); insert into t values (zeroblob(100000))");
    await copyFile(join(folder.path, "other.db-wal"), `${path}-wal`);
    other.close();
    const before = await readFile(path);
    const error = { code: "store-foreign", message: /afoot\.db-wal is the database of another program/ };
    assert.throws(() => openCopySource(path, Date.now()), error);
    await assert.rejects(openSqlite(path), error);
    assert.ok(before.equals(await readFile(path)));
  });

  it("is copied by the names of its tables and columns, whatever they contain", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "afoot.db");
    await fill(path);
    const planted = new DatabaseSync(path);
    planted.exec(
      `create table "x"" union select value from meta --" (a); alter table history add column "e"", 1 as ""f" text`,
    );
    planted.close();
    const source = openCopySource(path, Date.now());
    try {
      const table = source.tables.find(({ name }) => name.startsWith("x"));
      assert.deepEqual(table && [...source.rows(table)], []);
      assert.ok(source.tables.some(({ columns }) => columns.includes('e", 1 as "f')));
    } finally {
      source.close();
    }
  });
});
