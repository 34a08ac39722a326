import { afoot, mount } from "afoot/fastify";
import { serverLimits } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import Fastify from "fastify";
import { app } from "../report.ts";

const fastify = Fastify({ http: serverLimits });
const store = sqliteStore({ path: process.env["DATABASE"] ?? "./data/reports.db" });
// Starts the app when Fastify is ready, and closes it before Fastify closes.
await fastify.register(afoot, { app, start: { store } });
await fastify.register(mount, app.pages());
await fastify.register(mount, app.health());
fastify.get("/", async () => ({ reports: `${app.options.basePath}/reports` }));

console.log(await fastify.listen({ port: Number(process.env["PORT"] ?? 3000) }));

process.once("SIGTERM", () => void fastify.close());
