import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client, type PoolClient } from "pg";
import { ProblemError } from "../../src/client/index.ts";
import { channelOf } from "../../src/stores/postgres/sharing/change-feed.ts";
import { eventually } from "../support/eventually.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { refusalTests } from "./refusals.ts";

describe("a transaction of the application", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let fixture: Fixture;
  before(async () => {
    server = await startPostgres();
    fixture = await startFixture(server);
  });
  after(async () => {
    await fixture[Symbol.asyncDispose]();
    await server.remove();
  });

  /** Runs a transaction that is rolled back after `use`, and checks that it has stored nothing. */
  const rolledBack = async (use: Parameters<Fixture["transaction"]>[0]): Promise<void> => {
    const storedBefore = await fixture.storedRows();
    const failed = fixture.transaction(async (client) => {
      await use(client);
      throw new Error("rolled back by the test");
    });
    await assert.rejects(failed, /rolled back by the test/);
    assert.deepEqual(await fixture.storedRows(), storedBefore);
  };

  describe("create", () => {
    it("commits a business row and a resource together, and starts the work then", async () => {
      const { app, transaction, schema } = fixture;
      const handle = await transaction(async (client) => {
        const created = await app.invoiceExports.create({ month: "2026-01" }, { transaction: client });
        await client.query(`insert into ${schema}.invoices values ('a', $1)`, [created.id]);
        assert.equal(created.state.status, "Exporting");
        assert.deepEqual(created.state.configuration, { month: "2026-01" });
        await assert.rejects(app.invoiceExports.get(created.id), { code: "resource-not-found" });
        await assert.rejects(created.settled(), { code: "resource-not-found" });
        return created;
      });
      assert.equal((await handle.settled()).url, "/files/2026-01.csv");
    });

    it("leaves nothing after a rollback", async () => {
      await rolledBack(async (client) => {
        const { id } = await fixture.app.invoiceExports.create({ month: "2026-02" }, { transaction: client });
        await fixture.app.invoiceExports.put("by-id", { month: "2026-02" }, { transaction: client });
        await client.query(`insert into ${fixture.schema}.invoices values ('b', $1)`, [id]);
      });
    });

    it("belongs to the principal of app.as() and to the owner, with their quota", async () => {
      const { app, transaction } = fixture;
      await rolledBack(async (client) => {
        const { approvals } = app.as({ id: "ann", owner: "team" });
        await approvals.create({ amount: 1 }, { transaction: client });
        await app.approvals.create({ amount: 2 }, { transaction: client, owner: "team" });
        const third = approvals.create({ amount: 3 }, { transaction: client });
        await assert.rejects(third, (error) => error instanceof ProblemError && error.code === "too-many-in-progress");
        const limited = app.approvals.create({ amount: 4 }, { transaction: client });
        await limited;
        await assert.rejects(app.approvals.create({ amount: 5 }, { transaction: client }), { status: 429 });
      });
      const mine = await transaction((client) =>
        app.as({ id: "ann" }).invoiceExports.create({ month: "2026-03" }, { transaction: client }),
      );
      await assert.rejects(app.as({ id: "bob" }).invoiceExports.get(mine.id), { code: "resource-not-found" });
      assert.equal((await app.as({ id: "ann" }).invoiceExports.get(mine.id)).id, mine.id);
    });

    it("refuses an invalid configuration, after which the transaction goes on", async () => {
      const { app, transaction, count, schema } = fixture;
      const invoices = await count("invoices");
      await transaction(async (client) => {
        // @ts-expect-error -- a month is a text
        const invalid = app.invoiceExports.create({ month: 1 }, { transaction: client });
        await assert.rejects(invalid, (error) => error instanceof ProblemError && error.code === "validation");
        await client.query(`insert into ${schema}.invoices values ('c')`);
      });
      assert.equal(await count("invoices"), invoices + 1);
    });

    it("runs concurrent calls with one client one after the other", async () => {
      const { app, transaction } = fixture;
      const handles = await transaction((client) =>
        Promise.all(["1", "2", "3"].map((month) => app.invoiceExports.create({ month }, { transaction: client }))),
      );
      const states = await Promise.all(handles.map((handle) => handle.settled()));
      assert.deepEqual(
        states.map(({ url }) => url),
        ["/files/1.csv", "/files/2.csv", "/files/3.csv"],
      );
    });
  });

  describe("update, replace, act, cancel, retry, send and delete", () => {
    it("take effect at the commit", async () => {
      const { app, transaction } = fixture;
      const handle = await app.invoiceExports.create({ month: "a" });
      await handle.settled();
      const state = await transaction((client) => handle.update({ month: "b" }, { transaction: client }));
      assert.equal(state.settled, false);
      assert.equal((await handle.settled()).url, "/files/b.csv");
      await transaction((client) => handle.act("refresh", undefined, { transaction: client }));
      assert.equal((await handle.settled()).url, "/new/b.csv");
      await transaction((client) => handle.replace({ month: "c" }, { transaction: client }));
      assert.equal((await handle.settled()).url, "/files/c.csv");
      await transaction((client) => handle.delete({ transaction: client }));
      await handle.deleted();
    });

    it("leave a resource as it was after a rollback", async () => {
      const { app } = fixture;
      const handle = await app.invoiceExports.create({ month: "d" });
      const state = await handle.settled();
      const writes = [
        (transaction: PoolClient) => handle.update({ month: "e" }, { transaction }),
        (transaction: PoolClient) => handle.replace({ month: "e" }, { transaction }),
        (transaction: PoolClient) => handle.act("refresh", undefined, { transaction }),
        (transaction: PoolClient) => handle.delete({ transaction }),
      ];
      for (const write of writes) {
        await rolledBack(async (client) => void (await write(client)));
        assert.deepEqual(await handle.refresh(), state);
      }
      // The tag of the rolled back state may be that of a later one.
      await rolledBack(async (client) => void (await handle.update({ month: "e" }, { transaction: client })));
      await assert.rejects(handle.update({ month: "f" }, { ifUnchanged: true }), { code: "etag-missing" });
    });

    it("read the changes of their own transaction", async () => {
      const { app, transaction } = fixture;
      const handle = await transaction(async (client) => {
        const created = await app.approvals.create({ amount: 10 }, { transaction: client });
        await created.send("decision", { by: "Ann" }, { transaction: client });
        await assert.rejects(created.update({ amount: 11 }, { transaction: client }), { status: 405 });
        return created;
      });
      assert.equal((await handle.settled()).by, "Ann");
      await transaction((client) => handle.delete({ transaction: client }));
      await assert.rejects(handle.refresh(), { code: "resource-deleted" });
      await eventually("the metrics of the delete, which settled with the commit", async () =>
        (await app.metrics()).includes(
          'afoot_operation_duration_seconds_count{afoot_type="approval",afoot_kind="delete",afoot_state="succeeded"} 1',
        ),
      );
    });

    it("cancel an operation at the commit alone", async () => {
      const { app, transaction, pool, schema } = fixture;
      const handle = await app.approvals.create({ amount: 12 });
      await eventually("the work to wait", async () => {
        const { rows } = await pool.query(`select from ${schema}._resources where id = $1 and state = 'waiting'`, [
          handle.id,
        ]);
        return rows.length === 1;
      });
      await rolledBack(async (client) => void (await handle.cancel({ transaction: client })));
      assert.equal((await handle.refresh()).settled, false);
      await transaction((client) => handle.cancel({ transaction: client }));
      await assert.rejects(handle.settled(), { code: "cancelled" });
      await transaction((client) => handle.retry({ transaction: client }));
      await handle.send("decision", { by: "Bob" });
      assert.equal((await handle.settled()).by, "Bob");
    });
  });

  describe("an idempotency key", () => {
    it("belongs to the transaction", async () => {
      const { app, transaction } = fixture;
      await rolledBack(async (client) => {
        await app.invoiceExports.create({ month: "k" }, { transaction: client, idempotencyKey: "one" });
      });
      const create = () =>
        transaction((client) =>
          app.invoiceExports.create({ month: "k" }, { transaction: client, idempotencyKey: "one" }),
        );
      const first = await create();
      assert.equal((await create()).id, first.id);
      await assert.rejects(
        transaction((client) =>
          app.invoiceExports.create({ month: "l" }, { transaction: client, idempotencyKey: "one" }),
        ),
        { code: "idempotency-key-reused" },
      );
    });

    it("is stored by one of two transactions, and the other one is to be repeated", async () => {
      const { app, transaction } = fixture;
      const create = () =>
        transaction((client) =>
          app.invoiceExports.create({ month: "m" }, { transaction: client, idempotencyKey: "two" }),
        );
      const results = await Promise.allSettled([create(), create(), create()]);
      const created = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.id] : []));
      for (const result of results) {
        if (result.status === "rejected") assert.equal(Reflect.get(result.reason as object, "code"), "23505");
      }
      assert.deepEqual(new Set([...created, (await create()).id]).size, 1);
    });
  });

  describe("is refused", () => refusalTests(() => ({ server, fixture })));

  describe("its notices and wake-ups", () => {
    it("reach every node at the commit, without polling, and are discarded by a rollback", async () => {
      // The clock stands still, so that no node polls.
      const clock = new SteppedClock();
      await using quiet = await startFixture(server, {}, { role: "server", clock });
      const listener = new Client({ connectionString: server.url });
      await listener.connect();
      const payloads: string[] = [];
      listener.on("notification", ({ payload = "" }) => payloads.push(payload));
      await listener.query(`listen ${channelOf(quiet.schema)}`);
      const worker = await quiet.start({}, { role: "all", clock });
      const rollback = quiet.transaction(async (client) => {
        await quiet.app.invoiceExports.create({ month: "r" }, { transaction: client });
        throw new Error("back");
      });
      await assert.rejects(rollback, /back/);
      const handle = await quiet.transaction((client) =>
        quiet.app.invoiceExports.create({ month: "w" }, { transaction: client }),
      );
      assert.equal((await handle.settled()).url, "/files/w.csv");
      assert.ok(worker.types.length > 0);
      const [first] = payloads;
      assert.equal(
        first,
        JSON.stringify(["invoice-export", ["invoice-export", handle.id, 1]]),
        "the rollback sent none",
      );
      await listener.end();
    });
  });
});
