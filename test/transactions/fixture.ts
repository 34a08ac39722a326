import { Pool, type PoolClient } from "pg";
import { z } from "zod";
import type { AppStartOptions } from "../../src/app/start-options.ts";
import { type App, createApp, defineResource } from "../../src/index.ts";
import { postgresStore, type PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import { eventually } from "../support/eventually.ts";
import type { PostgresServer } from "../support/postgres.ts";

const configuration = z.object({ month: z.string() });

/** An export of the invoices of a month. Its work ends when a test allows it. */
const invoiceExport = defineResource({
  name: "invoice-export",
  configuration,
  details: z.object({ url: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Exporting",
    work: async ({ configuration: { month } }) => ({ url: `/files/${month}.csv` }),
  },
  update: { status: "Exporting", work: async ({ configuration: { month } }) => ({ url: `/files/${month}.csv` }) },
  delete: { status: "Deleting", work: async () => {} },
  actions: {
    refresh: { status: "Exporting", work: async ({ configuration: { month } }) => ({ url: `/new/${month}.csv` }) },
  },
});

/** An approval that waits for its decision. */
export const approval = defineResource({
  name: "approval",
  configuration: z.object({ amount: z.number() }),
  details: z.object({ by: z.string() }),
  statuses: { ready: "Approved" },
  maxInProgress: 3,
  receives: { decision: z.object({ by: z.string() }) },
  create: { status: "Waiting for a decision", work: async ({ receive }) => ({ by: (await receive("decision")).by }) },
});

const resources = [invoiceExport, approval] as const;

export type TestApp = App<typeof resources>;

function createTestApp(): TestApp {
  return createApp({ resources, maxInProgressPerPrincipal: 2 });
}

/** A started app over a schema of its own, and the business table `invoices` with a pool of its own. */
export interface Fixture extends AsyncDisposable {
  readonly app: TestApp;
  readonly pool: Pool;
  readonly schema: string;
  /**
   * Runs a transaction of the pool of the store, if it has one, or else of `pool`. It ends with COMMIT, or with ROLLBACK if `use`
   * throws.
   */
  readonly transaction: <Result>(use: (client: PoolClient) => Promise<Result>, begin?: string) => Promise<Result>;
  /** Starts another node of the app. */
  readonly start: (options?: Partial<PostgresStoreOptions>, more?: Partial<AppStartOptions>) => Promise<TestApp>;
  readonly count: (table: string) => Promise<number>;
  /** Counts the rows of all tables that a call writes. */
  readonly storedRows: () => Promise<readonly number[]>;
}

export async function startFixture(
  server: PostgresServer,
  options: Partial<PostgresStoreOptions> & { readonly pool?: Pool } = {},
  more: Partial<AppStartOptions> = {},
): Promise<Fixture> {
  const schema = server.schema();
  const pool = new Pool({ connectionString: server.url });
  pool.on("error", () => {});
  await pool.query(`create schema ${schema}`);
  await pool.query(`create table ${schema}.invoices (id text primary key, resource text)`);
  const apps: TestApp[] = [];
  const start: Fixture["start"] = async (given = {}, moreStart = {}) => {
    const app = createTestApp();
    await app.start({
      store: postgresStore({ ...(given.pool === undefined ? { url: server.url } : {}), schema, ...given }),
      ...moreStart,
    });
    apps.push(app);
    return app;
  };
  const app = await start(options, more);
  const count = async (table: string): Promise<number> => {
    const { rows } = await pool.query<{ count: number }>(`select count(*)::integer as count from ${schema}.${table}`);
    return rows[0]?.count ?? -1;
  };
  return {
    app,
    pool,
    schema,
    count,
    storedRows: async () => {
      // Work in progress adds to the history.
      await eventually(
        "the work to end",
        async () => (await count("_resources where due_at is not null or worker is not null")) === 0,
      );
      return Promise.all(["_resources", "_history", "_replies", "_received", "invoices"].map(count));
    },
    start,
    transaction: (use, begin) => inTransaction(options.pool ?? pool, use, begin),
    async [Symbol.asyncDispose]() {
      await Promise.all(apps.map((each) => each.close()));
      await pool.end();
      await server.drop(schema);
    },
  };
}

async function inTransaction<Result>(
  pool: Pool,
  use: (client: PoolClient) => Promise<Result>,
  begin = "begin",
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const result = await use(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
