import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type Fixture, startFixture } from "./fixture.ts";

describe("a long transaction of the application", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let fixture: Fixture;
  before(async () => {
    server = await startPostgres();
    // No statement that waits for a lock ends by itself.
    fixture = await startFixture(server, { statementTimeoutMs: 600_000 });
  });
  after(async () => {
    await fixture[Symbol.asyncDispose]();
    await server.remove();
  });

  /** Creates resources by calls of their own, and waits for all of their work. */
  const exportMany = async (count: number, { app }: Pick<Fixture, "app"> = fixture): Promise<void> => {
    const months = Array.from({ length: count }, (_, index) => `${index}`);
    await Promise.all(
      months.map(async (month) => {
        const handle = await app.invoiceExports.create({ month });
        await handle.settled();
      }),
    );
  };

  const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
    Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

  it("that holds the rows of resources stops no other write and no work", async () => {
    const { app, transaction } = fixture;
    const handles = await Promise.all(["a", "b", "c"].map((month) => app.invoiceExports.create({ month })));
    await Promise.all(handles.map((handle) => handle.settled()));
    const [held] = handles;
    assert.ok(held !== undefined);
    const waiting: Promise<unknown>[] = [];
    await transaction(async (client) => {
      for (const handle of handles) await handle.update({ month: "new" }, { transaction: client });
      // These wait for the commit, in one group with all others.
      waiting.push(held.delete(), ...handles.map((handle) => handle.act("refresh").catch((error: unknown) => error)));
      await exportMany(20);
      waiting.push(held.act("refresh").catch((error: unknown) => error));
      await exportMany(20);
      assert.deepEqual(
        await Promise.all(waiting.map(isSettled)),
        waiting.map(() => false),
      );
    });
    await Promise.all(waiting);
    await held.deleted();
  });

  it("that receives for running work stops only this work", async () => {
    const { app, transaction } = fixture;
    const handle = await app.approvals.create({ amount: 1 });
    await transaction(async (client) => {
      await handle.send("decision", { by: "Ann" }, { transaction: client });
      await exportMany(10);
      assert.equal((await handle.refresh()).settled, false);
    });
    assert.equal((await handle.settled()).by, "Ann");
  });

  it("that has chosen an id or a key stops only calls with the same one", async () => {
    const { app, transaction } = fixture;
    const same: Promise<unknown>[] = [];
    await transaction(async (client) => {
      await app.invoiceExports.put("chosen", { month: "1" }, { transaction: client });
      await app.invoiceExports.create({ month: "1" }, { transaction: client, idempotencyKey: "chosen" });
      same.push(
        app.invoiceExports.put("chosen", { month: "1" }),
        app.invoiceExports.create({ month: "1" }, { idempotencyKey: "chosen" }),
      );
      await exportMany(20);
      assert.deepEqual(await Promise.all(same.map(isSettled)), [false, false]);
    });
    await Promise.all(same);
    assert.equal(await fixture.count("_resources where id = 'chosen'"), 1);
  });

  it("that holds a due row stops no claim of others", async () => {
    await using idle = await startFixture(server, {}, { role: "server" });
    const held = await idle.app.invoiceExports.create({ month: "held" });
    await idle.transaction(async (client) => {
      await client.query(`select from ${idle.schema}._resources where id = $1 for update`, [held.id]);
      await exportMany(5, { app: await idle.start() });
      assert.equal((await held.refresh()).settled, false);
    });
    assert.equal((await held.settled()).url, "/files/held.csv");
  });
});
