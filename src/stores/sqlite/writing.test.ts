import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Worker } from "node:worker_threads";
import { applyOne, clientEvent, create, existing, numbered } from "../../conformance/store/fixture/changes.ts";
import { AT, POLICIES } from "../../conformance/store/fixture/types.ts";
import type { Store } from "../../core/ports/store.ts";
import { openDatabase } from "./file/database.ts";
import { sqliteStore } from "./index.ts";
import { createTables } from "./tables/tables.ts";
import { type Commit, createCommit } from "./writer/commit.ts";

describe("sqliteStore, writing", () => {
  let folder = "";
  let file = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "afoot-sqlite-"));
    file = join(folder, "afoot.db");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const openStore = async (onFatal: (error: unknown) => void = () => {}): Promise<Store> => {
    const store = sqliteStore({ path: file });
    await store.open({ policies: POLICIES, at: AT, onFatal });
    return store;
  };

  /** Creates the commit function of the write thread, on this thread. */
  const inPlace = (): { readonly database: DatabaseSync; readonly commit: Commit } => {
    const database = openDatabase(file, "0");
    return {
      database,
      commit: createCommit(createTables(database), POLICIES),
    };
  };

  it("rejects pending calls and reports one fatal error when its thread dies", async () => {
    const started = once(process, "worker");
    const fatal: unknown[] = [];
    const store = await openStore((error) => fatal.push(error));
    const [worker] = (await started) as [Worker];
    const writes = numbered(50).map((id) => applyOne(store, create(id)));
    await worker.terminate();
    for (const result of await Promise.allSettled(writes)) {
      assert.ok(result.status === "rejected");
      assert.equal((result.reason as { code: string }).code, "store-unavailable");
    }
    await assert.rejects(applyOne(store, create("late")), { code: "store-unavailable" });
    assert.equal(fatal.length, 1);
    assert.deepEqual(await store.read([{ type: "widget", id: "late" }]), [undefined]);
    await store.close();
    await (await openStore()).close();
  });

  it("waits for another program that is writing for a moment", async () => {
    const store = await openStore();
    const other = new DatabaseSync(file);
    other.exec("begin immediate; insert into meta (name, value) values ('note', 'by hand')");
    const write = applyOne(store, create("a"));
    assert.deepEqual(await store.read([{ type: "widget", id: "a" }]), [undefined]);
    other.exec("commit");
    other.close();
    assert.equal((await write).outcome, "applied");
    await store.close();
  });

  it("applies nothing of a group while another program writes, and continues after it", () => {
    const { database, commit } = inPlace();
    database.exec("pragma busy_timeout = 0");
    using other = new DatabaseSync(file);
    other.exec("begin immediate");
    const calls = [{ call: "apply", changes: [create("a")] }, { call: "count" }] as const;
    assert.deepEqual(
      commit(calls).map(({ result }) => result),
      ["unavailable", "unavailable"],
    );
    other.exec("rollback");
    assert.deepEqual(
      commit(calls).map(({ result }) => result),
      ["applied", "counted"],
    );
    database.close();
  });

  it("stores nothing of a group that finds the disk full, and continues when there is room", () => {
    const { database, commit } = inPlace();
    const pages = Number(database.prepare("pragma page_count").get()?.["page_count"]);
    database.exec(`pragma max_page_count = ${pages + 40}`);
    const configuration = JSON.stringify("x".repeat(10_000));
    const createAt = (id: string): string | undefined =>
      commit([{ call: "apply", changes: [create(id, { operation: { configuration } })] }])[0]?.result;
    const results = numbered(100).map((id) => [id, createAt(id)] as const);
    const committed = results.filter(([, result]) => result === "applied").map(([id]) => id);
    assert.ok(committed.length > 0 && committed.length < 100);
    assert.deepEqual(new Set(results.slice(committed.length).map(([, result]) => result)), new Set(["full"]));
    const storedIds = (): unknown[] =>
      database
        .prepare("select id from resources order by id")
        .all()
        .map((row) => row["id"]);
    assert.deepEqual(storedIds(), committed);
    assert.deepEqual(commit([{ call: "count" }])[0], {
      result: "counted",
      counts: [{ type: "widget", status: "Making", state: "pending", count: committed.length }],
    });
    database.exec(`pragma max_page_count = ${pages + 400}`);
    assert.equal(createAt("later"), "applied");
    assert.deepEqual(storedIds(), ["later", ...committed]);
    database.close();
  });

  it("refuses a row that was damaged by hand, and serves the others", async () => {
    const store = await openStore();
    await store.apply([create("a"), create("b")]);
    using other = new DatabaseSync(file);
    other.exec("update resources set state = 'odd' where id = 'a'");
    const cancel = (id: string): Promise<string> =>
      applyOne(store, clientEvent(id, { event: "cancel-requested" })).then(
        ({ outcome }) => outcome,
        (error: unknown) => (error as { code: string }).code,
      );
    assert.deepEqual(await Promise.all([cancel("a"), cancel("b")]), ["store-refused", "applied"]);
    await assert.rejects(store.read([{ type: "widget", id: "a" }]), { code: "store-unavailable" });
    assert.equal((await existing(store, "b")).status, "Cancelled");
    await store.close();
  });

  it("keeps the write-ahead log small, however long it writes", async () => {
    const store = await openStore();
    const configuration = JSON.stringify("x".repeat(20_000));
    for (const id of numbered(600)) await applyOne(store, create(id, { operation: { configuration } }));
    const { size } = await stat(`${file}-wal`);
    assert.ok(size < 8_000_000, `${size} bytes after 12 MB of writes`);
    await store.close();
  });
});
