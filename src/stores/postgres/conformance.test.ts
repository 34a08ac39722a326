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

  storeConformance({
    name: "postgres",
    async create() {
      const schema = server.schema();
      return {
        store: () => postgresStore({ url: server.url, schema }),
        remove: () => server.drop(schema),
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
