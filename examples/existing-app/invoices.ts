import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { FastifyInstance } from "fastify";
import { invoices, pool } from "./database.ts";
import { app } from "./exports.ts";

interface NewInvoice {
  readonly customer: string;
  readonly cents: number;
}

const NEW_INVOICE = {
  type: "object",
  required: ["customer", "cents"],
  properties: { customer: { type: "string", minLength: 1 }, cents: { type: "integer", minimum: 1 } },
};

/** The routes that the application had before. */
export async function invoiceRoutes(fastify: FastifyInstance): Promise<void> {
  fastify.post<{ Body: NewInvoice }>("/invoices", { schema: { body: NEW_INVOICE } }, async ({ user, body }, reply) => {
    const invoice = await addInvoice(user, body);
    return reply.code(201).header("location", `/invoices/${invoice.id}`).send(shown(invoice));
  });

  fastify.get<{ Params: { id: string } }>("/invoices/:id", async ({ user, params }, reply) => {
    const ofTenant = and(eq(invoices.tenant, user.tenant), eq(invoices.id, params.id));
    const [invoice] = await drizzle({ client: pool }).select().from(invoices).where(ofTenant);
    if (invoice === undefined) return reply.code(404).send({ message: "There is no such invoice." });
    return shown(invoice);
  });

  fastify.get("/invoices", async ({ user }) => {
    const found = await drizzle({ client: pool }).select().from(invoices).where(eq(invoices.tenant, user.tenant));
    return { items: found.map(shown) };
  });
}

/** Stores an invoice and requests its export, or neither. */
async function addInvoice({ sub, tenant }: { sub: string; tenant: string }, { customer, cents }: NewInvoice) {
  const client = await pool.connect();
  const db = drizzle({ client });
  const id = randomUUID();
  try {
    return await db.transaction(async (tx) => {
      const tenantExports = app.as({ id: sub, owner: tenant }).invoiceExports;
      const created = await tenantExports.create({ invoice: id }, { transaction: client });
      const invoice = { id, tenant, customer, cents, export: created.id };
      await tx.insert(invoices).values(invoice);
      return invoice;
    });
  } finally {
    client.release();
  }
}

function shown({ id, customer, cents, export: resource }: typeof invoices.$inferSelect) {
  return { id, customer, cents, export: `${app.options.basePath}/invoice-exports/${resource}` };
}
