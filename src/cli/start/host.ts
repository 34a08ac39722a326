import type { Server } from "node:http";
import type { FastifyPluginAsync } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import type { Log } from "../../core/ports/log.ts";
import { type Mount, servesPath } from "../../server/http/mount.ts";
import {
  MAX_CONNECTIONS,
  nodeListener,
  type NodeListener,
  nodeServing,
  serverLimits,
} from "../../server/http/node-listener.ts";
import { pathOf } from "../../server/http/node-request.ts";
import { importOptional } from "../optional-package.ts";
import { createServer } from "./http-server.ts";
import { loopbackOnly } from "./loopback.ts";
import { notFoundHandler } from "./not-found.ts";

export interface HostOptions {
  readonly log: Log;
  /** Accepts every `Host` name, even without authentication. */
  readonly open: boolean;
  /** The app's own pages. They are not authenticated here, because a browser that opens a page sends no credentials. */
  readonly pages?: FastifyPluginAsync | undefined;
}

/** Creates the HTTP server of `afoot start`. It mounts what any other host can mount, and the app's own pages. */
export async function createHost(app: AppParts, { log, open, pages }: HostOptions): Promise<Server> {
  const { authenticate, basePath, bodyMs, publicUrl, problemTypes, mcp } = app.options;
  const mounts = [
    app.health(),
    app.pages({ metrics: true }),
    // The code for agents and its package are loaded only for apps with agents.
    ...(mcp === false ? [] : [await loadAgents(app, log)]),
  ];
  const options = { bodyMs, publicUrl, problemTypes, log };
  const served = mounts.map((mount) => ({ ...mount, serve: nodeServing(mount.handler, options) }));
  const serveRest = nodeListener(notFoundHandler(app), options);
  // Errors in the app's own pages must fail the start, not the first request.
  const own = pages === undefined ? undefined : await loadOwnPages(pages, serveRest);
  const fallback: NodeListener = (incoming, response) => {
    const path = pathOf(incoming.url);
    const serve = served.find((mount) => servesPath(mount, path))?.serve ?? own?.serve ?? serveRest;
    serve(incoming, response);
  };
  const handle = nodeListener(app.handler, { ...options, basePath, fallback });
  const listener = authenticate === undefined && !open ? loopbackOnly(handle, problemTypes) : handle;
  const server = createServer({ ...serverLimits, optimizeEmptyRequests: true }, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkContinue", listener);
  server.on("close", () => {
    for (const { close } of [...mounts, ...(own === undefined ? [] : [own])]) void close?.();
  });
  return server;
}

interface OwnPages {
  readonly serve: NodeListener;
  readonly close: () => Promise<void>;
}

/** Creates the Fastify instance of the app's own pages. Loading Fastify takes longer than the rest of a start. */
async function loadOwnPages(pages: FastifyPluginAsync, serveRest: NodeListener): Promise<OwnPages> {
  const { default: createFastify } = await importOptional("pages", ["fastify"], () => import("fastify"));
  const fastify = createFastify({ logger: false });
  fastify.setNotFoundHandler((request, reply) => {
    reply.hijack();
    serveRest(request.raw, reply.raw);
  });
  await fastify.register(pages);
  await fastify.ready();
  return { serve: (incoming, response) => fastify.routing(incoming, response), close: async () => fastify.close() };
}

async function loadAgents(app: AppParts, log: Log): Promise<Mount> {
  const packages = ["@modelcontextprotocol/server"];
  const { mcpHandler } = await importOptional("mcp", packages, () => import("../../mcp/index.ts"));
  return mcpHandler(app, { log });
}
