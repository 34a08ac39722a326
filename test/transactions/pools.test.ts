import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Pool } from "pg";
import { type Log, silentLog } from "../../src/core/ports/log.ts";
import { eventually } from "../support/eventually.ts";
import { pgBouncerMissing, startPgBouncer } from "../support/pgbouncer.ts";
import { plantedSql } from "../support/planted-sql.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { type Fixture, startFixture } from "./fixture.ts";

/** Object id of the type text. */
const TEXT = 25;

interface Warnings {
  readonly texts: string[];
  readonly log: Log;
}

function warnings(): Warnings {
  const texts: string[] = [];
  return { texts, log: { ...silentLog, warn: (_fields, message) => void texts.push(message) } };
}

/** Creates a resource in a transaction of the pool, and waits for its work. */
async function exportInTransaction({ app, transaction }: Fixture, month: string): Promise<string> {
  const handle = await transaction((client) => app.invoiceExports.create({ month }, { transaction: client }));
  return (await handle.settled()).url;
}

describe("a store over the pool of the application", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
    // No statement may call what another role has planted in a schema of the search path.
    await server.query(plantedSql());
  });
  after(() => server.remove());

  it("calls no function or operator that is planted in the schema public", async () => {
    await using pool = createPool(server.url);
    for (const sql of ["select unnest(array['a'])", "select 1::bigint || '/'::text", "select to_json(row('a', 1))"]) {
      await assert.rejects(pool.query(sql), /planted/, sql);
    }
    await using fixture = await startFixture(server, { pool });
    assert.equal(await exportInTransaction(fixture, "9"), "/files/9.csv");
    const ids: string[] = [];
    for await (const { id } of fixture.app.invoiceExports.list({ status: ["Ready", "Exporting"] })) ids.push(id);
    const handle = await fixture.app.invoiceExports.get(ids[0] ?? "");
    await handle.act("refresh");
    assert.equal((await handle.settled()).url, "/new/9.csv");
    const seen = await pool.query(
      `select url, created_at > to_timestamp(0::float) as "isNew" from ${fixture.schema}.invoice_export, pg_catalog.jsonb_to_record(details) d (url text)`,
    );
    assert.deepEqual(seen.rows, [{ url: "/new/9.csv", isNew: true }], "the view calls none either");
    await handle.delete();
    await handle.deleted();
  });

  it("serves and joins transactions of the same pool, and leaves the pool as it was", async () => {
    // A single connection: the transaction and the store never need one from each other.
    await using pool = createPool(server.url, { max: 1 });
    await pool.query("set application_name = 'shop'; set search_path = pg_temp");
    const settings = "select name, setting from pg_settings where source = 'session' order by name";
    const { rows: settingsBefore } = await pool.query(settings);
    {
      await using fixture = await startFixture(server, { pool }, { clock: new SteppedClock() });
      assert.equal(await exportInTransaction(fixture, "1"), "/files/1.csv");
      const handle = await fixture.app.invoiceExports.create({ month: "2" });
      assert.equal((await handle.settled()).url, "/files/2.csv");
      assert.equal(await fixture.count("_resources"), 2);
    }
    assert.deepEqual((await pool.query(settings)).rows, settingsBefore);
    assert.deepEqual((await pool.query("select name from pg_prepared_statements")).rows, []);
    assert.equal(pool.listenerCount("error"), 1, "the one of this test");
    assert.equal(pool.totalCount, 1);
  });

  it("takes rows and settings of the pool's sessions as they are", async () => {
    await using pool = createPool(server.url, {
      options: "-c default_transaction_isolation=serializable -c synchronous_commit=off -c timezone=Asia/Tokyo",
      types: { getTypeParser: (type: number) => (type === TEXT ? String : () => "changed") },
    });
    await using fixture = await startFixture(server, { pool });
    assert.equal(await exportInTransaction(fixture, "3"), "/files/3.csv");
    const handle = await fixture.app.invoiceExports.create({ month: "4" });
    assert.equal((await handle.settled()).url, "/files/4.csv");
  });

  it("is shared with a store of another schema", async () => {
    await using pool = createPool(server.url);
    await using one = await startFixture(server, { pool });
    await using other = await startFixture(server, { pool });
    const urls = await Promise.all([one, other].map((each) => exportInTransaction(each, "5")));
    assert.deepEqual(urls, ["/files/5.csv", "/files/5.csv"]);
    assert.deepEqual(await Promise.all([one, other].map((each) => each.count("_resources"))), [1, 1]);
  });

  describe("through PgBouncer", { skip: pgBouncerMissing() }, () => {
    it("in transaction mode, listens by listenUrl", async () => {
      await using pooler = await startPgBouncer(server.url, "transaction");
      await using pool = createPool(pooler.url);
      const { log, texts } = warnings();
      // The clock stands still, so that nothing is found by polling.
      const more = { log, clock: new SteppedClock() };
      await using fixture = await startFixture(server, { pool, listenUrl: server.url }, more);
      const urls = await Promise.all(
        ["1", "2", "3", "4", "5", "6"].map((month) => exportInTransaction(fixture, month)),
      );
      assert.deepEqual(urls.length, 6);
      assert.deepEqual(texts, []);
    });

    it("in transaction mode, warns that it cannot listen, and works by polling", async () => {
      await using pooler = await startPgBouncer(server.url, "transaction");
      await using pool = createPool(pooler.url);
      for (const listenUrl of [undefined, pooler.url]) {
        const { log, texts } = warnings();
        await using fixture = await startFixture(server, { pool, listenUrl }, { log });
        await eventually("the warning", () => texts.some((text) => /leads to a pooler.*Set listenUrl/.test(text)));
        assert.equal(await exportInTransaction(fixture, "7"), "/files/7.csv");
      }
    });

    it("in session mode, listens through the pooler if listenUrl says so", async () => {
      await using pooler = await startPgBouncer(server.url, "session");
      await using pool = createPool(pooler.url);
      const { log, texts } = warnings();
      const options = { pool, listenUrl: pooler.url };
      await using fixture = await startFixture(server, options, { log, clock: new SteppedClock() });
      assert.equal(await exportInTransaction(fixture, "8"), "/files/8.csv");
      assert.deepEqual(texts, []);
    });
  });
});

function createPool(url: string, options: object = {}): Pool & AsyncDisposable {
  const pool = new Pool({ connectionString: url, ...options });
  pool.on("error", () => {});
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}
