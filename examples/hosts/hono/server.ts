import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { closeWith, fetchMiddleware } from "afoot/hosts";
import { serverLimits } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import { Hono } from "hono";
import { app } from "../report.ts";

await app.start({ store: sqliteStore({ path: process.env["DATABASE"] ?? "./data/reports.db" }) });

const site = new Hono();
site.use(fetchMiddleware([app, app.pages(), app.health()]));
site.get("/", (context) => context.json({ reports: `${app.options.basePath}/reports` }));

const listener = getRequestListener(site.fetch);
const server = createServer(serverLimits, (incoming, outgoing) => void listener(incoming, outgoing));
closeWith(server, app);
const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
