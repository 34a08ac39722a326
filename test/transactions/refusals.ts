import assert from "node:assert/strict";
import { it } from "node:test";
import { Client } from "pg";
import { createApp } from "../../src/index.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { approval, type Fixture } from "./fixture.ts";

/** Registers the tests of calls whose option `transaction` is refused. */
export function refusalTests(given: () => { readonly server: PostgresServer; readonly fixture: Fixture }): void {
  const server = (): PostgresServer => given().server;
  const fixture = (): Fixture => given().fixture;
  const create = (client: unknown): Promise<unknown> =>
    // @ts-expect-error -- anything may be passed from JavaScript
    fixture().app.invoiceExports.create({ month: "x" }, { transaction: client });

  it("outside of a transaction, and with a pool", async () => {
    const stored = await fixture().storedRows();
    const client = await fixture().pool.connect();
    await assert.rejects(create(client), { code: "transaction-missing", message: /BEGIN/ });
    client.release();
    await assert.rejects(create(fixture().pool), { code: "transaction-missing", message: /instead of its pool/ });
    assert.deepEqual(await fixture().storedRows(), stored);
  });

  it("after an error, and if it is read-only", async () => {
    const { transaction } = fixture();
    const aborted = transaction(async (client) => {
      await assert.rejects(client.query("select 1 / 0"));
      await assert.rejects(create(client), { code: "transaction-aborted", message: /Roll it back/ });
    });
    await aborted;
    await transaction(async (client) => {
      await assert.rejects(create(client), { code: "transaction-read-only", message: /begin read write/ });
    }, "begin read only");
  });

  it("in another database, and in one without the tables", async () => {
    await server().query("create database other");
    const client = new Client({ connectionString: server().url.replace(/\/postgres$/, "/other") });
    await client.connect();
    await client.query("begin");
    await assert.rejects(create(client), { code: "transaction-foreign", message: /another database/ });
    await client.end();
  });

  it("with anything else than a client, and by a store that cannot join", async () => {
    for (const client of [{}, "client", null, fixture().transaction]) {
      await assert.rejects(create(client), { code: "transaction-invalid", message: /docs\/transactions\.md/ });
    }
    await using folder = await temporaryFolder();
    const app = createApp({ resources: [approval] });
    await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
    await fixture().transaction(async (client) => {
      await assert.rejects(app.approvals.create({ amount: 1 }, { transaction: client }), {
        code: "transactions-unsupported",
        message: /sqlite store/,
      });
    });
    await app.close();
  });

  it("by a conflict of a serializable transaction, as the client reports it", async () => {
    const { app, transaction } = fixture();
    const handle = await app.invoiceExports.create({ month: "s" });
    await handle.settled();
    const conflicting = transaction(async (client) => {
      await client.query("select 1");
      await handle.update({ month: "t" });
      await handle.update({ month: "u" }, { transaction: client });
    }, "begin isolation level repeatable read");
    await assert.rejects(conflicting, { name: "error", code: "40001" });
  });
}
