import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { postgresStores } from "../../../test/support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { startProxy } from "../../../test/support/tcp-proxy.ts";
import { applied, applyOne, create, existing, ready } from "../../conformance/store/fixture/changes.ts";
import { POLICIES } from "../../conformance/store/fixture/types.ts";
import { isAfootError } from "../../core/errors.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { openConnections } from "./connection/connections.ts";
import { settingsOf } from "./connection/options.ts";
import { postgresStore, type PostgresStoreOptions } from "./index.ts";

const onFatal = (error: unknown): never => assert.fail(String(error));

/** Matches the error of an opening: a code, and a message that names the place and what to do. */
function failing(code: string, ...words: string[]): (error: unknown) => boolean {
  return (error) =>
    isAfootError(error) &&
    error.code === code &&
    words.every((word) => error.message.includes(word)) &&
    !error.message.includes("secret");
}

describe("opening a postgres store", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  const opening = async (options: Partial<PostgresStoreOptions>): Promise<void> => {
    const store = postgresStore({ url: server.url, ...options });
    try {
      await store.open({ policies: POLICIES, at: 0, onFatal });
    } finally {
      await store.close();
    }
  };
  const as = (user: string, database = "postgres"): string =>
    `postgres://${user}:secret@127.0.0.1:${server.port}/${database}`;

  it("refuses options that cannot be, saying which", () => {
    const cases: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ url: "mysql://x/y" }, "url"],
      [{ url: undefined }, "url"],
      [{ schema: "" }, "schema"],
      [{ schema: "pg_mine" }, "schema"],
      [{ schema: "ä".repeat(32) }, "schema"],
      [{ maxConnections: 0 }, "maxConnections"],
      [{ statementTimeoutMs: 1.5 }, "statementTimeoutMs"],
      [{ listenUrl: "nonsense" }, "listenUrl"],
    ];
    for (const [options, place] of cases) {
      const given = { url: "postgres://localhost/x", ...options } as PostgresStoreOptions;
      assert.throws(() => postgresStore(given), failing("store-options", place), place);
    }
  });

  it("says what to do where it cannot open", async () => {
    await server.query("create role poor login password 'secret'");
    await server.query("create database latin encoding 'LATIN1' template template0 locale 'C'");
    const unused = await startProxy(1);
    await unused.close();
    await assert.rejects(
      opening({ url: `postgres://u:secret@127.0.0.1:${unused.port}/x` }),
      failing("store-unreachable", String(unused.port)),
    );
    await assert.rejects(opening({ url: as("nobody") }), failing("store-denied", "password"));
    await assert.rejects(opening({ url: as("poor", "missing") }), failing("store-missing", "create database"));
    await assert.rejects(opening({ url: as("poor"), schema: server.schema() }), failing("store-denied", "grant"));
    await assert.rejects(
      opening({ url: server.url.replace(/\/postgres$/, "/latin") }),
      failing("store-encoding", "LATIN1"),
    );
    const readOnly = `${server.url}?options=-c%20default_transaction_read_only%3Don`;
    await assert.rejects(opening({ url: readOnly }), failing("store-read-only", "primary"));
  });

  it("leaves tables of a later version alone", async () => {
    await using stores = postgresStores(server);
    await stores.open();
    await stores.query("insert into {schema}._migrations (version) values (99)");
    await assert.rejects(opening({ schema: stores.schema }), failing("store-newer", stores.schema, "99"));
  });

  it("is opened once, and closed without having been opened", async () => {
    const store = postgresStore({ url: server.url, schema: server.schema() });
    await assert.rejects(store.read([]), (error) => isAfootError(error) && error.code === "store-unavailable");
    await store.close();
    await assert.rejects(store.open({ policies: POLICIES, at: 0, onFatal }), failing("store-open"));
  });

  it("uses a schema that it was given, whatever its name", async () => {
    const schema = 'Ünal\'s "own" $1 {schema}';
    await server.query(
      `create role tenant login password 'secret'; create schema "${schema.replaceAll('"', '""')}" authorization tenant`,
    );
    await using stores = postgresStores(server, schema);
    const store = await stores.open({ url: as("tenant") });
    await applied(store, create("a"));
    await (await stores.open({ url: as("tenant") })).close();
    assert.equal((await existing(store, "a")).id, "a");
    const [row] = await stores.query("select id from {schema}.widget");
    assert.deepEqual(row, { id: "a" });
  });

  it("commits durably where the database would not, and ends what hangs", async () => {
    await server.query("create database hasty");
    await server.query("alter database hasty set synchronous_commit = off");
    const settings = settingsOf({ url: server.url.replace(/\/postgres$/, "/hasty"), statementTimeoutMs: 4321 });
    for (const transactionPooler of [false, true]) {
      const connections = openConnections({ ...settings, transactionPooler }, { clock: systemClock });
      const setting = async (name: string): Promise<unknown> =>
        connections.transaction(async (transaction) => {
          const [row] = await transaction.run({ name, text: `select current_setting('${name}')` });
          await transaction.commit();
          return row?.[0];
        });
      assert.equal(await setting("synchronous_commit"), "on");
      // Divides by zero otherwise.
      const text = "select 1 / (current_setting('synchronous_commit') = 'on')::integer";
      await connections.runOnce({ name: "is durable", text }, []);
      assert.equal(await setting("statement_timeout"), "4321ms");
      assert.equal(await setting("idle_in_transaction_session_timeout"), "2s");
      await connections.close();
    }
  });

  it("works behind a pooler: prepares nothing by name, and sets nothing for a session", async () => {
    await using stores = postgresStores(server);
    const proxy = await startProxy(server.port);
    const sent: Buffer[] = [];
    void proxy.cutAt((bytes) => sent.push(Buffer.from(bytes)) < 0, "before");
    const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = await stores.open({ url, transactionPooler: true, maxConnections: 2 });
    await ready(store, "a");
    await applied(store, create("b"));
    const text = Buffer.concat(sent).toString("latin1");
    assert.ok(text.includes("insert into"));
    for (const name of ["lock resources", "insert resources", "insert new resources", "lock due", "select by key"]) {
      assert.ok(!text.includes(name), name);
    }
    assert.match(text, /; set local statement_timeout/);
    assert.doesNotMatch(text, /(?:Q....|; )(?:set (?!local )|listen )/s);
    await store.close();
    await proxy.close();
  });

  it("is one connection wide where it must be", async () => {
    await using stores = postgresStores(server);
    const store = await stores.open({ maxConnections: 1, applicationName: "narrow" });
    await Promise.all(Array.from({ length: 50 }, (_, index) => applyOne(store, create(`r${index}`))));
    const [count] = await server.query(
      "select count(*)::integer as count from pg_stat_activity where application_name = 'narrow'",
    );
    assert.ok(Number(count?.["count"]) <= 2);
  });
});
