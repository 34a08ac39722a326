import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import type { MountedApp } from "../../src/hosts/api-mount.ts";
import { afoot } from "../../src/hosts/fastify.ts";
import { fetchMiddleware, middleware } from "../../src/hosts/middleware.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { disguisedPaths, statusOf } from "../support/disguised-paths.ts";

const machine = defineResource({
  name: "machine",
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Ready" },
  create: { status: "Making", work: () => ({}) },
});

/** The hosts, each with a rule of its own for the path of the collection. */
const HOSTS: Readonly<Record<string, (app: MountedApp) => Promise<RequestListener>>> = {
  async express(app) {
    const site = express();
    site.use("/api/machines", (request, response, next) => {
      if (request.headers.authorization === "let me in") next();
      else response.status(401).end();
    });
    site.use(middleware([app]));
    return site;
  },
  async nest(app) {
    class Site {
      readonly name = "site";
    }
    Module({})(Site);
    const platform = express();
    const nest = await NestFactory.create(Site, new ExpressAdapter(platform), { logger: false });
    nest.use("/api/machines", (request: IncomingMessage, response: ServerResponse, next: () => void) => {
      if (request.headers.authorization === "let me in") next();
      else response.writeHead(401).end();
    });
    nest.use(middleware([app]));
    await nest.init();
    return platform;
  },
  async fastify(app) {
    const site = Fastify();
    site.addHook("onRequest", async (request, reply) => {
      const isRuled = request.url.startsWith("/api/machines");
      if (isRuled && request.headers.authorization !== "let me in") await reply.code(401).send();
    });
    await site.register(afoot, { app, close: false });
    await site.ready();
    return (incoming, response) => site.routing(incoming, response);
  },
  async hono(app) {
    const site = new Hono();
    site.use("/api/machines/*", async (context, next) => {
      if (context.req.header("authorization") !== "let me in") return context.body(null, 401);
      await next();
      return undefined;
    });
    site.use(fetchMiddleware([app]));
    const listener = getRequestListener(site.fetch);
    return (incoming, response) => void listener(incoming, response);
  },
};

describe("a rule of the host for a path", () => {
  const app = createApp({ resources: [machine] });
  let close: () => Promise<void>;
  before(async () => {
    const folder = await temporaryFolder();
    await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }), role: "server" });
    close = async () => {
      await app.close();
      await folder[Symbol.asyncDispose]();
    };
  });
  after(() => close());

  for (const [name, open] of Object.entries(HOSTS)) {
    it(`is not bypassed by another form of the path: ${name}`, async () => {
      const server = createServer(await open(app));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      try {
        assert.equal(await statusOf(port, "/api/machines"), "401");
        assert.equal(await statusOf(port, "/api/machines", "Authorization: let me in\r\n"), "200");
        const statuses = await Promise.all(
          disguisedPaths("machines").map(async (target) => [target, await statusOf(port, target)]),
        );
        const passed = statuses.filter(([, status]) => status?.startsWith("4") !== true);
        assert.deepEqual(passed, []);
      } finally {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }
    });
  }
});
