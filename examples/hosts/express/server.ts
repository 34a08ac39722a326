import { createServer } from "node:http";
import { closeWith, middleware } from "afoot/hosts";
import { serverLimits } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import express from "express";
import { app } from "../report.ts";

await app.start({ store: sqliteStore({ path: process.env["DATABASE"] ?? "./data/reports.db" }) });

const site = express();
// Must precede express.json(), because Afoot reads request bodies itself.
site.use(middleware([app, app.pages(), app.health()]));
site.use(express.json());
site.get("/", (_request, response) => void response.json({ reports: `${app.options.basePath}/reports` }));

const server = createServer(serverLimits, site);
closeWith(server, app);
const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
