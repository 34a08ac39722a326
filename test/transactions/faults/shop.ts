import { Pool } from "pg";
import { z } from "zod";
import { type App, createApp, defineResource } from "../../../src/index.ts";
import { postgresStore } from "../../../src/stores/postgres/index.ts";

/** The databases and schema of a run, as environment variables of its processes. */
export interface ShopSettings {
  /** URL of the pool, which may lead to a pooler. */
  readonly url: string;
  /** URL of the database itself. */
  readonly listenUrl: string;
  readonly schema: string;
}

export function shopTables({ schema }: Pick<ShopSettings, "schema">): string {
  return `create schema ${schema};
    create table ${schema}.orders (n integer primary key, resource text not null, is_deleted boolean not null default false);
    create table ${schema}.works (n integer not null, is_ordered boolean not null)`;
}

function defineDelivery(pool: Pool, schema: string) {
  return defineResource({
    name: "delivery",
    configuration: z.object({ n: z.number() }),
    details: z.object({ n: z.number() }),
    statuses: { ready: "Delivered" },
    create: {
      status: "Delivering",
      // Kills lose workers, which is no failure of the work.
      retry: { attempts: 100, lostWorkers: 1000 },
      async work({ configuration: { n } }) {
        // Work of a transaction that was rolled back, or is not committed yet, finds no order.
        await pool.query(
          `insert into ${schema}.works values ($1, exists (select from ${schema}.orders o where o.n = $1))`,
          [n],
        );
        return { n };
      },
    },
    delete: { status: "Returning", retry: { attempts: 100, lostWorkers: 1000 }, work: async () => {} },
  });
}

type Delivery = ReturnType<typeof defineDelivery>;

/** A shop whose orders and deliveries are created together. */
export interface Shop extends AsyncDisposable {
  readonly app: App<readonly [Delivery]>;
  readonly pool: Pool;
}

export async function openShop({ url, listenUrl, schema }: ShopSettings): Promise<Shop> {
  const pool = new Pool({ connectionString: url, application_name: "shop", max: 10 });
  // Connections are terminated on purpose.
  pool.on("error", () => {});
  pool.on("connect", (client) => void client.on("error", () => {}));
  const app = createApp({ resources: [defineDelivery(pool, schema)] });
  await app.start({ store: postgresStore({ pool, schema, listenUrl }) });
  return {
    app,
    pool,
    async [Symbol.asyncDispose]() {
      await app.close();
      await pool.end();
    },
  };
}
