import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it, type TestContext } from "node:test";
import { move } from "../../src/cli/copy/move.ts";
import { create } from "../../src/conformance/store/fixture/changes.ts";
import { AT } from "../../src/conformance/store/fixture/types.ts";
import { isAfootError } from "../../src/core/errors.ts";
import type { CopyTarget } from "../../src/stores/copying.ts";
import { postgresCopyTarget } from "../../src/stores/postgres/copy/target.ts";
import { openCopySource } from "../../src/stores/sqlite/copy-source.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { type PostgresStores, postgresStores } from "../support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { contentsOf, fill, finishAll, openSqlite } from "./fixture.ts";

const CRASHING = join(import.meta.dirname, "crashing-copy.ts");
const MAX_WRITES = 50;

describe("moving a store", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let filled: string;
  before(async () => {
    [server, folder] = await Promise.all([startPostgres(), temporaryFolder()]);
    filled = join(folder.path, "filled.db");
    await fill(filled);
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
    await server.remove();
  });

  it("takes along every value of every table, and what a dead process held is due", async () => {
    const path = await aCopy();
    await using stores = postgresStores(server);
    const source = await openSqlite(path);
    const contents = await contentsOf(source);
    await source.close();
    assert.equal(await moved(path, targetOf(stores)), true);
    const store = await stores.open();
    assert.deepEqual(await contentsOf(store), contents);
    await finishAll(store);
  });

  it("loses nothing and never leaves two stores that open, wherever it is killed", async (context: TestContext) => {
    const source = await openSqlite(filled);
    const contents = await contentsOf(source);
    await source.close();
    let crashes = 0;
    for (let write = 1; write < MAX_WRITES; write++) {
      const path = await aCopy();
      await using stores = postgresStores(server);
      const survived = await crashBefore(write, path, stores.schema);
      const [opensOld, opensNew] = [await opens(path), await isFilled(stores)];
      assert.ok(!(opensOld && opensNew), `before write ${write} both open`);
      await moved(path, targetOf(stores));
      assert.equal(await opens(path), false, "moved");
      assert.deepEqual(await contentsOf(await stores.open()), contents, `before write ${write}`);
      if (survived) break;
      crashes += 1;
    }
    context.diagnostic(`${crashes} crashes, each before another write`);
    assert.ok(
      crashes >= 6,
      `${crashes} writes only: two tables, the end of the copy, the mark, the commit and what follows`,
    );
  });

  const cutCommit = async (when: "before" | "after"): Promise<void> => {
    await using proxy = await openProxy();
    const path = await aCopy();
    await using stores = postgresStores(server);
    const cut = proxy.cutAt(isCommit(), when);
    const outcome = moved(path, targetOf(stores, proxy.url));
    if (when === "after") assert.equal(await outcome, true);
    else await assert.rejects(outcome, /Nothing was moved/);
    await cut;
    assert.deepEqual([await opens(path), await isFilled(stores)], when === "after" ? [false, true] : [true, false]);
  };

  const cutForGood = async (when: "before" | "after"): Promise<void> => {
    await using proxy = await openProxy();
    const path = await aCopy();
    await using stores = postgresStores(server);
    const isIt = isCommit();
    const cut = proxy.cutAt((bytes) => {
      if (!isIt(bytes)) return false;
      proxy.refuse(true);
      return true;
    }, when);
    await assert.rejects(
      moved(path, targetOf(stores, proxy.url)),
      /It is unknown if the copy was committed.*start the same copy again/,
    );
    await cut;
    await assert.rejects(openSqlite(path), { code: "store-moved" });
    proxy.refuse(false);
    assert.equal(await moved(path, targetOf(stores, proxy.url)), when === "before");
    assert.deepEqual({ opens: await opens(path), isFilled: await isFilled(stores) }, { opens: false, isFilled: true });
  };

  for (const when of ["before", "after"] as const) {
    it(`finds out what became of a commit that was cut off ${when} the database got it`, () => cutCommit(when));
    it(`lets none open while that cannot be found out, and the same copy finds out: ${when}`, () => cutForGood(when));
  }

  it("lets no process open the file meanwhile", async () => {
    const path = await aCopy();
    const source = openCopySource(path, AT);
    await assert.rejects(openSqlite(path), /in use by afoot copy, process \d+/);
    source.close();
    await (await openSqlite(path)).close();
  });

  it("lets a node that runs on the target write only after it, next to what was copied", async () => {
    const path = await aCopy();
    await using stores = postgresStores(server);
    const node = await stores.open();
    const typesOf = (): Promise<readonly unknown[]> => stores.query("select * from {schema}._types order by type");
    await stores.query(`update {schema}._types set redact = '[["newer"]]' where type = 'gadget'`);
    const types = await typesOf();
    const target = targetOf(stores);
    let written: Promise<unknown> | undefined;
    const copying: CopyTarget = {
      ...target,
      begin: async () => {
        const transaction = await target.begin();
        // The store gives up a change whose row stays locked, and a server repeats it.
        written = eventually("the write", async () => (await node.apply([create("mine")]))[0]?.outcome === "applied");
        await eventually(
          "the copy to wait for a lock",
          async () => (await server.query("select from pg_locks where not granted")).length > 0,
        );
        return transaction;
      },
    };
    assert.equal(await moved(path, copying), true);
    await written;
    const ids = (await node.list({ type: "widget", limit: 10 })).map(({ id }) => id).toSorted();
    assert.deepEqual(ids, ["held", "mine", "odd", "ready", "waiting"]);
    assert.deepEqual(await typesOf(), types, "what its app says of types stays");
  });

  it("goes to one place only", async () => {
    const path = await aCopy();
    await using stores = postgresStores(server);
    await using others = postgresStores(server);
    await moved(path, targetOf(stores));
    await assert.rejects(moved(path, targetOf(others)), { code: "store-moved" });
  });

  it("names every table and column that one of the stores has and the other lacks", async () => {
    const path = await aCopy();
    await using stores = postgresStores(server);
    {
      using database = new DatabaseSync(path);
      database.exec("alter table records add column mood text; create table dreams (what text not null) strict");
    }
    await stores.open();
    await stores.query("create table {schema}._hopes (what text not null)");
    await assert.rejects(moved(path, targetOf(stores)), (error) => {
      assert.ok(isAfootError(error) && error.code === "store-tables");
      for (const name of ["records.mood", "dreams.what", "hopes.what"]) assert.ok(error.message.includes(name), name);
      return true;
    });
    assert.deepEqual({ opens: await opens(path), isFilled: await isFilled(stores) }, { opens: true, isFilled: false });
  });

  it("copies what a migration adds to both, without a change of its own", async () => {
    const path = await aCopy();
    await using stores = postgresStores(server);
    {
      using database = new DatabaseSync(path);
      database.exec(
        `create table dreams (what text not null, depth real) strict; insert into dreams values ('far', 2.5)`,
      );
    }
    await stores.open();
    await stores.query("create table {schema}._dreams (what text not null, depth double precision)");
    await moved(path, targetOf(stores));
    assert.deepEqual(await stores.query("select what, depth from {schema}._dreams"), [{ what: "far", depth: 2.5 }]);
  });

  /** Copies the file to a separate path. */
  async function aCopy(): Promise<string> {
    const path = join(folder.path, `${server.schema()}.db`);
    await copyFile(filled, path);
    return path;
  }

  function targetOf({ schema }: PostgresStores, url = server.url): CopyTarget {
    return postgresCopyTarget({ url, schema });
  }

  async function moved(path: string, target: CopyTarget): Promise<boolean> {
    const source = openCopySource(path, AT);
    try {
      return await move({ source, target, copy: server.schema(), at: AT, onRows: () => {} });
    } finally {
      source.close();
    }
  }

  async function crashBefore(write: number, path: string, schema: string): Promise<boolean> {
    const argv = ["--conditions=@afoot/source", CRASHING, path, server.url, schema, String(write)];
    const child = spawn(process.execPath, argv, { stdio: "inherit" });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    assert.ok(code === 0 || signal === "SIGKILL", `ended with ${code}`);
    return code === 0;
  }

  async function openProxy(): Promise<TcpProxy & AsyncDisposable & { readonly url: string }> {
    const proxy = await startProxy(server.port);
    const url = new URL(server.url);
    url.port = String(proxy.port);
    return { ...proxy, url: url.href, [Symbol.asyncDispose]: () => proxy.close() };
  }
});

/** Matches the commit of a copy, which comes after that of the migrations. */
function isCommit(): (bytes: Buffer) => boolean {
  let commits = 0;
  return (bytes) => {
    if (bytes.includes("commit\0")) commits += 1;
    return commits === 2;
  };
}

async function opens(path: string): Promise<boolean> {
  try {
    const store = await openSqlite(path);
    await store.close();
    return true;
  } catch (error) {
    assert.ok(isAfootError(error) && error.code === "store-moved", String(error));
    return false;
  }
}

/** Returns true if nodes would find resources. */
async function isFilled(stores: PostgresStores): Promise<boolean> {
  return (await (await stores.open()).types()).length > 0;
}
