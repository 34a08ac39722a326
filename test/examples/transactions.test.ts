import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";
import { type InvoiceApp, startInvoiceApp } from "../../examples/transactions/app.ts";
import { addInvoice as withDrizzle } from "../../examples/transactions/drizzle.ts";
import { addInvoice as withKysely } from "../../examples/transactions/kysely.ts";
import { addInvoice as withPg } from "../../examples/transactions/pg.ts";
import { addInvoice as withPrisma } from "../../examples/transactions/prisma.ts";
import { PrismaClient } from "../../examples/transactions/prisma/generated/client.ts";
import { isAfootError } from "../../src/index.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";

const LIBRARIES = { pg: withPg, Drizzle: withDrizzle, Kysely: withKysely, Prisma: withPrisma };

describe("examples/transactions", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let pool: Pool;
  let app: InvoiceApp;
  before(async () => {
    server = await startPostgres();
    pool = new Pool({ connectionString: server.url });
    pool.on("error", () => {});
    app = await startInvoiceApp(pool);
  });
  after(async () => {
    await app.close();
    await pool.end();
    await server.remove();
  });

  const stored = async (): Promise<readonly unknown[]> => {
    const { rows } = await pool.query<{ id: string }>(
      "select i.id from invoices i full join afoot.invoice_export e on e.id = i.resource order by i.id",
    );
    return rows.map(({ id }) => id);
  };

  it("refuse a client outside of a transaction, also one that wraps the errors of the database", async () => {
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    const client = {
      query: async (text: string, values: unknown[] = []) => ({
        rows: await prisma.$queryRawUnsafe<unknown[]>(text, ...values),
      }),
    };
    const created = app.invoiceExports.create({ invoice: "1" }, { transaction: client });
    await assert.rejects(created, { code: "transaction-missing" });
  });

  const commitsBothOrNeither = async (library: string, addInvoice: typeof withPg): Promise<void> => {
    const storedBefore = await stored();
    const invoice = `${library}-1`;
    const handle = await app.invoiceExports.get(await addInvoice(pool, app, invoice));
    assert.equal((await handle.settled()).url, `/files/${invoice}.pdf`);
    // The invoice exists already, so the second export must vanish with it.
    await assert.rejects(addInvoice(pool, app, invoice), (error) => !isAfootError(error));
    assert.deepEqual(new Set(await stored()), new Set([...storedBefore, invoice]));
    assert.equal(pool.idleCount, pool.totalCount);
  };

  for (const [library, addInvoice] of Object.entries(LIBRARIES)) {
    it(`commit an invoice and its export together, or neither, with ${library}`, () =>
      commitsBothOrNeither(library, addInvoice));
  }
});
