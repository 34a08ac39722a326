import { createServer, type Server } from "node:http";
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import type { AppParts } from "../app/create-app.ts";
import type { Log } from "../core/log.ts";
import { dashboardPage } from "../server/dashboard/page-routes.ts";
import { docsRoutes } from "../server/docs/docs-routes.ts";
import { MAX_CONNECTIONS, nodeListener, serverLimits } from "../server/http/node-listener.ts";
import { openapiDocument } from "../server/openapi/document.ts";
import { guardPages } from "./guard.ts";
import { healthRoutes } from "./health.ts";
import { loopbackOnly } from "./loopback.ts";
import { metricsRoute } from "./metrics.ts";

export interface HostOptions {
  readonly log: Log;
  /** Answers everybody, under whatever name, also where nobody is asked who it is. */
  readonly open: boolean;
  /** The app's own pages. Theirs to guard: a browser that opens a page brings no credentials along. */
  readonly pages?: FastifyPluginAsync | undefined;
}

/**
 * Makes the HTTP server of `afoot start`: the app's own paths by the neutral handler on plain `node:http`, everything beside them
 * (health, documents, pages) by Fastify.
 */
export async function createHost(app: AppParts, { log, open, pages }: HostOptions): Promise<Server> {
  const fastify = await createPages(app, log, pages);
  const { authenticate, basePath, bodyMs } = app.options;
  const answer = nodeListener(app.handler, { basePath, bodyMs, log, fallback: fastify.routing.bind(fastify) });
  const listener = authenticate === undefined && !open ? loopbackOnly(answer) : answer;
  const server = createServer(serverLimits, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkContinue", listener);
  server.on("close", () => void fastify.close());
  return server;
}

/** Everything beside the API. */
export async function createPages(app: AppParts, log: Log, own?: FastifyPluginAsync): Promise<FastifyInstance> {
  const fastify = Fastify({ logger: false });
  fastify.setNotFoundHandler((request, reply) => {
    const known = [
      ...(app.options.dashboard ? ["/dashboard"] : []),
      "/docs",
      "/openapi.json",
      "/livez",
      "/readyz",
      "/metrics",
      // Which types there are is for those alone who may ask for them.
      ...(app.options.authenticate === undefined ? app.types : []).map(({ path }) => `${app.options.basePath}/${path}`),
    ];
    void reply
      .code(404)
      .type("application/problem+json")
      .send({
        type: "urn:afoot:problem:not-found",
        title: "Not found",
        status: 404,
        detail: `Nothing is served here. Try ${known.join(", ")}.`,
        instance: new URL(request.url, "http://localhost").pathname,
        code: "not-found",
      });
  });
  healthRoutes(fastify, app);
  const { types, options } = app;
  // Not guarded: without credentials the page shows nothing but a field for them.
  if (options.dashboard) await fastify.register(dashboardPage, { basePath: options.basePath });
  await fastify.register(async (pages) => {
    guardPages(pages, { options, log }, "docs");
    await docsRoutes(pages, { document: openapiDocument({ types, options }) });
  });
  await fastify.register(async (pages) => {
    guardPages(pages, { options, log }, "metrics");
    await metricsRoute(pages, app);
  });
  if (own !== undefined) await fastify.register(own);
  await fastify.ready();
  return fastify;
}
