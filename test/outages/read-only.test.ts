import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { Client } from "pg";
import { type AfootProcess, startAfoot } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";

const APP = join(import.meta.dirname, "../clock/app.ts");

interface Readiness {
  readonly status: number;
  readonly body: {
    readonly status: string;
    readonly parts: readonly { name: string; ready: boolean; detail: string }[];
  };
}

describe("a database that can only be read", { skip: await postgresMissing() }, () => {
  let postgres: PostgresServer;
  let server: AfootProcess;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres.remove());
  beforeEach(async () => {
    server = await startAfoot({ app: APP, flags: ["--store", `${postgres.url}?schema=${postgres.schema()}`] });
  });
  afterEach(async () => server[Symbol.asyncDispose]());

  const readiness = async (): Promise<Readiness> => {
    const response = await fetch(`${server.origin}/readyz`);
    return { status: response.status, body: (await response.json()) as Readiness["body"] };
  };
  const post = async (): Promise<number> => {
    const response = await fetch(`${server.origin}/api/visits`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ configuration: {} }),
    });
    return response.status;
  };

  const expectUnreadyUntil = async (readOnly: () => Promise<void>, writable: () => Promise<void>): Promise<void> => {
    assert.equal((await readiness()).status, 200);
    assert.equal(await post(), 202);
    await readOnly();
    const unready = await eventually("/readyz to be 503", async () => {
      const found = await readiness();
      return found.status === 503 && found;
    });
    assert.equal(unready.body.status, "not ready");
    const store = unready.body.parts.find(({ name }) => name === "store");
    assert.equal(store?.ready, false);
    assert.match(store.detail, /read-only/);
    assert.equal(await post(), 503);
    assert.equal((await fetch(`${server.origin}/livez`)).status, 200);
    await writable();
    await eventually("/readyz to be 200", async () => (await readiness()).status === 200);
    assert.equal(await eventually("POST to be accepted", async () => (await post()) === 202), true);
  };

  it("makes the server unready: a standby after a failover, until it is promoted", async () => {
    const [row] = await postgres.query("show data_directory");
    const signal = join(String(row?.["data_directory"]), "standby.signal");
    await expectUnreadyUntil(
      async () => {
        await postgres.end("fast");
        await writeFile(signal, "");
        await chmod(signal, 0o666);
        // Its promise waits for a log line that a standby does not write.
        void postgres.start();
        await eventually("the standby to answer", async () => {
          const rows = await postgres.query("select pg_is_in_recovery()").catch(() => []);
          return rows.length > 0;
        });
      },
      async () => void (await postgres.query("select pg_promote()")),
    );
  });

  it("makes the server unready: transactions that are read-only by default", async () => {
    const alter = async (sql: string): Promise<void> => {
      const client = new Client({ connectionString: postgres.url, options: "-c default_transaction_read_only=off" });
      await client.connect();
      await client.query(sql);
      await client.query("select pg_reload_conf()");
      await client.end();
    };
    await expectUnreadyUntil(
      () => alter("alter system set default_transaction_read_only = on"),
      () => alter("alter system reset default_transaction_read_only"),
    );
  });
});
