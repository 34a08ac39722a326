import { PrismaPg } from "@prisma/adapter-pg";
import type { Pool } from "pg";
import type { InvoiceApp } from "./app.ts";
import { PrismaClient } from "./prisma/generated/client.ts";

/** Stores an invoice and requests its export, or neither. */
export async function addInvoice(pool: Pool, app: InvoiceApp, invoice: string): Promise<string> {
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return prisma.$transaction(async (tx) => {
    // Prisma hides its client. A raw query of the interactive transaction takes its place.
    const client = {
      query: async (text: string, values: unknown[] = []) => ({
        rows: await tx.$queryRawUnsafe<unknown[]>(text, ...values),
      }),
    };
    const { id } = await app.invoiceExports.create({ invoice }, { transaction: client });
    await tx.invoice.create({ data: { id: invoice, resource: id } });
    return id;
  });
}
