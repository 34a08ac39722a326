import type { Pool } from "pg";
import type { InvoiceApp } from "./app.ts";

/** Stores an invoice and requests its export, or neither. */
export async function addInvoice(pool: Pool, app: InvoiceApp, invoice: string): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { id } = await app.invoiceExports.create({ invoice }, { transaction: client });
    await client.query("insert into invoices (id, resource) values ($1, $2)", [invoice, id]);
    await client.query("commit");
    return id;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
