import { randomUUID } from "node:crypto";
import jwt from "@fastify/jwt";
import swagger from "@fastify/swagger";
import { afoot, mount } from "afoot/fastify";
import { serverLimits } from "afoot/server";
import { postgresStore } from "afoot/stores/postgres";
import Fastify from "fastify";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createTables, pool } from "./database.ts";
import { app } from "./exports.ts";
import { invoiceRoutes } from "./invoices.ts";
import { secret } from "./secret.ts";

const fastify = Fastify({ http: serverLimits, logger: true, genReqId: () => randomUUID() });
const registry = new Registry();
collectDefaultMetrics({ register: registry });
app.metrics({ registry });

pool.on("error", (error) => fastify.log.warn({ err: error }, "a connection to the database was lost"));
await createTables();
await fastify.register(jwt, { secret });
await fastify.register(swagger, {
  openapi: {
    openapi: "3.1.0",
    info: { title: "Shop", version: "1.0.0" },
    components: { securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    security: [{ token: [] }],
  },
});

// Everything in this scope needs a token: the routes of the application, and those of Afoot.
await fastify.register(async (secured) => {
  secured.addHook("onRequest", async (request) => void (await request.jwtVerify()));
  await secured.register(invoiceRoutes);
  await secured.register(afoot, { app, start: { store: postgresStore({ pool, schema: "afoot" }) } });
});

await fastify.register(mount, app.health());
fastify.get("/openapi.json", { schema: { hide: true } }, async () => fastify.swagger());
fastify.get("/metrics", { schema: { hide: true } }, async (_, reply) => {
  return reply.type(registry.contentType).send(await registry.metrics());
});
fastify.addHook("onClose", () => pool.end());

await fastify.listen({ port: Number(process.env["PORT"] ?? 3000) });
process.once("SIGTERM", () => void fastify.close());

declare module "@fastify/jwt" {
  interface FastifyJWT {
    payload: { readonly sub: string; readonly tenant: string };
    user: { readonly sub: string; readonly tenant: string };
  }
}
