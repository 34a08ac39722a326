import { after, before, describe } from "node:test";
import { Client } from "pg";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { type ApplicationTransaction, storeConformance } from "../../conformance/store/index.ts";
import { postgresStore } from "./index.ts";

describe("postgres", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  // Creating the tables takes longer than most tests, so the next test uses them again.
  const free: string[] = [];
  storeConformance({
    name: "postgres",
    async create() {
      const schema = free.pop() ?? server.schema();
      return {
        store: () => postgresStore({ url: server.url, schema }),
        async remove() {
          await empty(server, schema);
          free.push(schema);
        },
        begin: () => beginTransaction(server.url),
      };
    },
    capabilities: {
      processes: "many",
      reporting: true,
      find: true,
      turns: true,
      transactions: true,
      earlyClaims: true,
    },
  });
});

/** Deletes the rows of all tables except those that name the migrations. */
async function empty(server: PostgresServer, schema: string): Promise<void> {
  const tables = await server.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = '${schema}' and tablename <> '_migrations'`,
  );
  await server.query(tables.map(({ name }) => `delete from ${String(name)}`).join(";"));
}

async function beginTransaction(url: string): Promise<ApplicationTransaction> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const end = async (statement: string): Promise<void> => {
    await client.query(statement);
    await client.end();
  };
  await client.query("begin");
  return { client, commit: () => end("commit"), rollback: () => end("rollback") };
}
