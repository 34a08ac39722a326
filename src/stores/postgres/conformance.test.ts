import { after, before, describe } from "node:test";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { storeConformance } from "../../conformance/store/index.ts";
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
      };
    },
    capabilities: { processes: "many", reporting: true, find: true, turns: true },
  });
});
