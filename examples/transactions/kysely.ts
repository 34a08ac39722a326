import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import type { Pool } from "pg";
import type { InvoiceApp } from "./app.ts";

interface Database {
  readonly invoices: { readonly id: string; readonly resource: string };
}

/** Stores an invoice and requests its export, or neither. */
export async function addInvoice(pool: Pool, app: InvoiceApp, invoice: string): Promise<string> {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return db.transaction().execute(async (trx) => {
    // Kysely hides its client. A raw query of the transaction takes its place.
    const client = {
      query: (text: string, values: unknown[] = []) => trx.executeQuery(CompiledQuery.raw(text, values)),
    };
    const { id } = await app.invoiceExports.create({ invoice }, { transaction: client });
    await trx.insertInto("invoices").values({ id: invoice, resource: id }).execute();
    return id;
  });
}
