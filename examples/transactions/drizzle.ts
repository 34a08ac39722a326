import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, text } from "drizzle-orm/pg-core";
import type { Pool } from "pg";
import type { InvoiceApp } from "./app.ts";

const invoices = pgTable("invoices", { id: text().primaryKey(), resource: text().notNull() });

/** Stores an invoice and requests its export, or neither. */
export async function addInvoice(pool: Pool, app: InvoiceApp, invoice: string): Promise<string> {
  // Drizzle over one client of the pool runs its transactions on this client, which `$client` returns.
  const client = await pool.connect();
  const db = drizzle({ client });
  try {
    return await db.transaction(async (tx) => {
      const { id } = await app.invoiceExports.create({ invoice }, { transaction: db.$client });
      await tx.insert(invoices).values({ id: invoice, resource: id });
      return id;
    });
  } finally {
    client.release();
  }
}
