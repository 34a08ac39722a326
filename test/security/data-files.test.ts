import assert from "node:assert/strict";
import { readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createReserve } from "../../src/stores/sqlite/file/reserve.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
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
