import { createApp, defineResource, PermanentError } from "afoot";
import type { AuthenticateRequest } from "afoot/server";
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { invoices, pool } from "./database.ts";

const PAGES_MS = Number(process.env["PAGES_MS"] ?? 1000);

const invoiceExport = defineResource({
  name: "invoice-export",
  description: "The rendered document of an invoice.",
  configuration: z.object({ invoice: z.string() }),
  details: z.object({ text: z.string() }),
  statuses: { ready: "Ready" },
  metadata: true,
  updatedAfter: true,
  create: {
    status: "Rendering",
    async work({ configuration, owner, step, sleep, report }) {
      // The tenant is the owner of the resource. A tenant in the body would be a claim of the client.
      const invoice = await step("read", () => findInvoice(owner ?? "", configuration.invoice));
      if (invoice === null) throw new PermanentError("There is no such invoice.", { code: "invoice-unknown" });
      report({ progress: 0.5 });
      await sleep("pages", PAGES_MS);
      return { text: `${invoice.customer} owes ${(invoice.cents / 100).toFixed(2)} EUR.` };
    },
  },
});

async function findInvoice(tenant: string, id: string) {
  const db = drizzle({ client: pool });
  const [found] = await db
    .select()
    .from(invoices)
    .where(and(eq(invoices.tenant, tenant), eq(invoices.id, id)));
  return found ?? null;
}

export const app = createApp({
  resources: [invoiceExport],
  basePath: "/v1",
  authenticate({ host }: AuthenticateRequest<FastifyRequest>) {
    const { sub, tenant } = host.user; // verified by the hook of server.ts
    return { id: sub, owner: tenant };
  },
});
