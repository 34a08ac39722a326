import { afoot } from "afoot/fastify";
import { serverLimits } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import Fastify from "fastify";
import { app } from "../report.ts";

await app.start({ store: sqliteStore({ path: process.env["DATABASE"] ?? "./data/reports.db" }) });

const fastify = Fastify({ http: serverLimits });
await fastify.register(afoot, { app });
fastify.get("/", async () => ({ reports: `${app.options.basePath}/reports` }));

// Answers waiting requests before Fastify closes.
fastify.addHook("preClose", () => app.close());
console.log(await fastify.listen({ port: Number(process.env["PORT"] ?? 3000) }));

process.once("SIGTERM", () => void fastify.close());
