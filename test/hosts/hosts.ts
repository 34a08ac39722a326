import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import type { AppParts } from "../../src/app/create-app.ts";
import { createHost } from "../../src/cli/start/host.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { afoot, mount } from "../../src/hosts/fastify.ts";
import { fetchMiddleware, middleware } from "../../src/hosts/middleware.ts";
import { mcpHandler } from "../../src/mcp/index.ts";
import { closeServer, listenOn, portOf } from "./print-app.ts";

/** A server of a framework, with all parts of an app mounted. */
interface OpenHost {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Returns all parts beside the API. */
const partsOf = (app: AppParts) => [app.health(), app.pages({ metrics: true }), mcpHandler(app)];

/** Opens each host. The first one is the model of the others. */
export const HOSTS: Readonly<Record<string, (app: AppParts) => Promise<OpenHost>>> = {
  async "afoot start"(app) {
    const server = await createHost(app, { log: silentLog, open: true });
    return { port: await listenOn(server), close: () => closeServer(server) };
  },

  async Fastify(app) {
    const fastify = Fastify({ routerOptions: { maxParamLength: 1024 } });
    await fastify.register(afoot, { app });
    for (const part of partsOf(app)) await fastify.register(mount, part);
    await fastify.listen({ host: "127.0.0.1", port: 0 });
    return { port: portOf(fastify.server), close: () => fastify.close() };
  },

  async Express(app) {
    const site = express();
    site.disable("x-powered-by");
    site.use(middleware([app, ...partsOf(app)]));
    site.use(express.json());
    const server = createServer(site);
    return { port: await listenOn(server), close: () => closeServer(server) };
  },

  async Hono(app) {
    const site = new Hono();
    site.use(fetchMiddleware([app, ...partsOf(app)]));
    const listener = getRequestListener(site.fetch);
    const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
    return { port: await listenOn(server), close: () => closeServer(server) };
  },
};
