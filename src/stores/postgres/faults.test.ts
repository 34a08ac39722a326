import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { eventually } from "../../../test/support/eventually.ts";
import { type PostgresStores, postgresStores } from "../../../test/support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { startProxy, type TcpProxy } from "../../../test/support/tcp-proxy.ts";
import {
  applied,
  applyOne,
  clientEvent,
  claimAll,
  create,
  existing,
  idsOf,
  numbered,
  running,
  workerEvent,
  reportingOf,
} from "../../conformance/store/fixture/changes.ts";
import type { IdempotentReply } from "../../core/change.ts";
import { isAfootError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";

const isUnavailable = (error: unknown): boolean => isAfootError(error) && error.code === "store-unavailable";

const isRefusal = (error: unknown): boolean => isAfootError(error) && error.code === "store-refused";

const isCommit = (bytes: Buffer): boolean => bytes.includes("commit\0");

const reply = (key: string): IdempotentReply => ({
  principal: "p",
  key,
  fingerprint: "f",
  status: 202,
  location: "/l",
  body: "b",
});

describe("postgres under faults", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let proxy: TcpProxy;
  let url: string;
  /** Opens a store whose connections the proxy can cut. */
  const proxied = (stores: PostgresStores): Promise<Store> => stores.open({ url });
  before(async () => {
    server = await startPostgres();
    proxy = await startProxy(server.port);
    url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
  });
  after(async () => {
    await proxy.close();
    await server.remove();
  });

  const cutInChanges = async (when: "before" | "after"): Promise<void> => {
    await using stores = postgresStores(server);
    const store = await proxied(stores);
    await running(store, "held");
    const cut = proxy.cutAt(isCommit, when);
    const results = await store.apply([
      create("a", { idempotency: reply("k") }),
      clientEvent("held", { event: "received", id: "m", name: "approval", value: "1" }),
    ]);
    await cut;
    const outcomes = results.map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, when === "before" ? ["applied", "applied"] : ["replayed", "unchanged"]);
    assert.equal(results[0]?.resource?.creation, "a-create");
    const key = await existing(store, "a");
    assert.deepEqual(
      (await store.history({ key, limit: 10 })).map(({ event }) => event),
      ["accepted"],
    );
    assert.equal((await existing(store, "held")).operation.receivedCount, 1);
    assert.deepEqual(await store.readReplies([reply("k")]), [reply("k")]);
  };

  const cutInInsert = async (when: "before" | "after"): Promise<void> => {
    await using stores = postgresStores(server);
    const store = await proxied(stores);
    await applied(store, create("first", { type: "gadget" }));
    const cut = proxy.cutAt((bytes) => bytes.includes("insert new resources "), when);
    const ids = numbered(20);
    const results = await store.apply(ids.map((id) => create(id, { type: "gadget" })));
    await cut;
    for (const [index, id] of ids.entries()) {
      assert.equal(results[index]?.outcome, when === "before" ? "applied" : "unchanged");
      const key = await existing(store, id, "gadget");
      assert.deepEqual(results[index]?.resource, key);
      assert.equal((await store.history({ key, limit: 10 })).length, 1);
    }
  };

  const cutInClaim = async (when: "before" | "after"): Promise<void> => {
    await using stores = postgresStores(server);
    const store = await proxied(stores);
    await store.apply(numbered(5).map((id) => create(id)));
    const cut = proxy.cutAt(isCommit, when);
    const granted = await claimAll(store);
    await cut;
    assert.deepEqual(idsOf(granted), numbered(5));
    assert.ok(granted.every(({ resource }) => resource.operation.attempt === 1));
  };

  for (const when of ["before", "after"] as const) {
    it(`applies once what was cut off ${when} the database got the commit`, () => cutInChanges(when));
    it(`makes once what was cut off ${when} the database got its one statement`, () => cutInInsert(when));
    it(`gives the grants of a claim that was cut off ${when} its commit, once`, () => cutInClaim(when));
  }

  it("continues after every connection was cut", async () => {
    await using stores = postgresStores(server);
    const store = await proxied(stores);
    for (let round = 0; round < 5; round++) {
      const ids = numbered(50, `r${round}-`);
      const writes = ids.map((id) => applyOne(store, create(id)));
      proxy.cut();
      const outcomes = new Set((await Promise.all(writes)).map(({ outcome }) => outcome));
      outcomes.delete("applied");
      outcomes.delete("unchanged");
      assert.deepEqual([...outcomes], []);
      const rows = await store.read(ids.map((id) => ({ type: "widget", id })));
      assert.ok(rows.every((row) => row !== undefined));
    }
  });

  const serverEnds = async (how: "fast" | "crash"): Promise<void> => {
    await using stores = postgresStores(server);
    const store = await stores.open();
    await running(store, "held");
    const ids = numbered(2000);
    const writes = ids.map((id) => applyOne(store, create(id)));
    await writes[0];
    await server.end(how);
    const results = await Promise.allSettled(writes);
    assert.ok(results.every((result) => result.status === "fulfilled" || isUnavailable(result.reason)));
    await assert.rejects(store.read([{ type: "widget", id: "held" }]), isUnavailable);
    await assert.rejects(applyOne(store, create("late")), isUnavailable);
    await assert.rejects(claimAll(store, { claim: 2 }), isUnavailable);
    await assert.rejects(reportingOf(store).inProgressCounts(), isUnavailable);
    await server.start();
    const rows = await store.read(ids.map((id) => ({ type: "widget", id })));
    results.forEach((result, index) => {
      if (result.status === "fulfilled") assert.equal(rows[index]?.creation, `${ids[index]}-create`);
    });
    const again = await Promise.all(ids.map((id) => applyOne(store, create(id))));
    assert.ok(again.every(({ outcome }, index) => outcome === (rows[index] === undefined ? "applied" : "unchanged")));
    assert.equal((await existing(store, "held")).operation.state, "running");
  };

  for (const how of ["fast", "crash"] as const) {
    it(`keeps acknowledged writes when the server ends (${how}), and continues when it is back`, () => serverEnds(how));
  }

  it("rejects as unavailable what a silent network leaves unanswered", async () => {
    await using stores = postgresStores(server);
    const store = await stores.open({ url, connectTimeoutMs: 300, statementTimeoutMs: 300 });
    await applied(store, create("a"));
    proxy.silence(true);
    await assert.rejects(applyOne(store, create("b")), isUnavailable);
    await assert.rejects(store.read([{ type: "widget", id: "a" }]), isUnavailable);
    proxy.silence(false);
    assert.notEqual((await applyOne(store, create("b"))).outcome, "refused");
    assert.equal((await existing(store, "b")).creation, "b-create");
  });

  it("sees a row as it is once another session has released its lock", async () => {
    await using stores = postgresStores(server);
    const store = await stores.open();
    const ids = numbered(20);
    await store.apply(ids.map((id) => create(id)));
    const administrator = new Client({ connectionString: server.url });
    await administrator.connect();
    try {
      await administrator.query("begin");
      await administrator.query(`update "${stores.schema}"._resources set owner = 'changed meanwhile'`);
      const cancels = store.apply(ids.map((id) => clientEvent(id, { event: "cancel-requested" })));
      const claims = claimAll(store);
      await eventually("two statements to wait for a lock", async () => {
        const [waiting] = await server.query("select count(*)::integer as count from pg_locks where not granted");
        return Number(waiting?.["count"]) >= 2;
      });
      await administrator.query("commit");
      const results = await cancels;
      const granted = new Set(idsOf(await claims));
      for (const [index, id] of ids.entries()) {
        assert.equal(results[index]?.outcome, "applied", id);
        assert.equal(results[index]?.resource?.owner, "changed meanwhile");
        assert.equal((await existing(store, id)).operation.state, granted.has(id) ? "cancelling" : "cancelled");
      }
    } finally {
      await administrator.end();
    }
  });

  it("takes the locks of a process that stands still in the middle of a transaction", async () => {
    await using stores = postgresStores(server);
    const standing = await stores.open({ url });
    const other = await stores.open();
    await applied(other, create("a"));
    const locked = Promise.withResolvers<void>();
    const trapped = proxy.cutAt((bytes) => {
      // The lock is taken, but the reply never arrives.
      if (bytes.includes("lock resources\0")) {
        proxy.silence(true);
        locked.resolve();
      }
      return false;
    }, "before");
    const stood = standing.apply([clientEvent("a", { event: "received", id: "m1", name: "approval", value: "1" })]);
    await locked.promise;
    await eventually("the opening to lock the table", async () => {
      const locks = await server.query("select from pg_locks where mode = 'RowShareLock' and locktype = 'relation'");
      return locks.length > 0;
    });
    const cancel = clientEvent("a", { event: "cancel-requested" });
    await eventually("the lock to end", async () => (await applyOne(other, cancel)).outcome === "applied");
    proxy.silence(false);
    void trapped;
    await stood.then(
      ([late]) => assert.equal(late?.code, "settled"),
      (error: unknown) => assert.ok(isUnavailable(error)),
    );
  });

  it("applies all other changes of a batch while a row stays locked, and those of the row later", async () => {
    await using stores = postgresStores(server);
    const store = await stores.open();
    await applied(store, create("a"));
    const administrator = new Client({ connectionString: server.url });
    await administrator.connect();
    try {
      await administrator.query("begin");
      await administrator.query(`select from "${stores.schema}"._resources for update`);
      const cancel = clientEvent("a", { event: "cancel-requested" });
      const received = workerEvent("a-create", { event: "received", id: "m", name: "approval", value: "1" });
      for (const id of ["b", "c"]) {
        const results = await store.apply([create(id), cancel, received, create("a"), create(`${id}2`)]);
        assert.deepEqual(
          results.map(({ outcome }) => outcome),
          ["applied", "locked", "locked", "locked", "applied"],
        );
      }
      await administrator.query("rollback");
      await eventually("the lock to end", async () => (await applyOne(store, cancel)).outcome === "applied");
    } finally {
      await administrator.end();
    }
  });

  it("refuses only the entries that the database rejects", async () => {
    await using stores = postgresStores(server);
    const store = await stores.open();
    // Beyond the limits of a bigint and of an index, which are not checked before sending.
    const bad = [
      create("bad", { operation: { availableAt: 1e300 } }),
      create(numbered(2000).join("")),
      create("good"),
      create("bad", { at: 2 ** 70 }),
    ];
    const results = await Promise.allSettled(bad.map((each) => applyOne(store, each)));
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? result.value.outcome : isRefusal(result.reason))),
      [true, true, "applied", true],
    );
  });
});
