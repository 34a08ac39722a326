import { createApp, defineResource } from "afoot";
import { postgresStore } from "afoot/stores/postgres";
import type { Pool } from "pg";
import { z } from "zod";

const invoiceExport = defineResource({
  name: "invoice-export",
  configuration: z.object({ invoice: z.string() }),
  details: z.object({ url: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Exporting",
    work: async ({ configuration: { invoice } }) => ({ url: `/files/${invoice}.pdf` }),
  },
});

export function createInvoiceApp() {
  return createApp({ resources: [invoiceExport] });
}

export type InvoiceApp = ReturnType<typeof createInvoiceApp>;

/** Starts the app over the pool of the application, with a schema of its own. */
export async function startInvoiceApp(pool: Pool): Promise<InvoiceApp> {
  await pool.query("create table if not exists invoices (id text primary key, resource text not null)");
  const app = createInvoiceApp();
  await app.start({ store: postgresStore({ pool, schema: "afoot" }) });
  return app;
}
