import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyPluginCallback } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import { DefinitionError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { problemType } from "../../core/problem.ts";
import { dashboardPage } from "../../server/dashboard/page-routes.ts";
import { nodeListener } from "../../server/http/node-listener.ts";
import { pathPrefixOf } from "../../server/http/public-url.ts";
import { docsRoutes } from "../../server/openapi/docs-routes.ts";
import { openapiDocument } from "../../server/openapi/document.ts";
import { guardPages } from "./guard.ts";
import { healthRoutes } from "./health.ts";

/** Creates the Fastify instance that serves everything beside the API. */
export async function createPages(app: AppParts, log: Log, appPages?: FastifyPluginAsync): Promise<FastifyInstance> {
  const fastify = Fastify({ logger: false });
  const { types, options } = app;
  const prefix = pathPrefixOf(options.publicUrl);
  fastify.setNotFoundHandler((request, reply) => {
    const paths = [
      ...(app.options.dashboard ? ["/dashboard"] : []),
      "/docs",
      "/openapi.json",
      "/livez",
      "/readyz",
      "/metrics",
      ...(app.options.mcp === false ? [] : ["/mcp"]),
      // Only authenticated requests may learn the types.
      ...(app.options.authenticate === undefined ? app.types : []).map(({ path }) => `${app.options.basePath}/${path}`),
    ];
    void reply
      .code(404)
      .type("application/problem+json")
      .send({
        type: problemType("not-found", options.problemTypes),
        title: "Not found",
        status: 404,
        detail: `No route matches this path. Available: ${paths.map((path) => prefix + path).join(", ")}.`,
        instance: prefix + new URL(request.url, "http://localhost").pathname,
        code: "not-found",
      });
  });
  healthRoutes(fastify, app);
  // Public, because the page contains no data: without credentials it shows only the sign-in form.
  if (options.dashboard) {
    const { basePath, publicUrl } = options;
    await fastify.register(dashboardPage, { basePath, publicUrl });
  }
  await fastify.register(async (pages) => {
    guardPages(pages, { options, log }, "docs");
    await docsRoutes(pages, { document: openapiDocument({ types, options }) });
  });
  await fastify.register(async (pages) => {
    guardPages(pages, { options, log }, "metrics");
    metricsRoute(pages, app);
  });
  if (options.mcp !== false) await fastify.register(await mcpRoute(app, log));
  if (appPages !== undefined) await fastify.register(appPages);
  await fastify.ready();
  return fastify;
}

/** Returns the plugin that serves agents at `/mcp`. Its code and its package are loaded only for apps with agents. */
async function mcpRoute(app: AppParts, log: Log): Promise<FastifyPluginCallback> {
  const { mcpHandler } = await import("../../mcp/index.ts").catch((cause: unknown) => {
    throw new DefinitionError(
      "mcp: the package @modelcontextprotocol/server cannot be loaded; install it: npm install @modelcontextprotocol/server",
      { cause },
    );
  });
  const { handler, close } = mcpHandler(app, { log });
  const { bodyMs, publicUrl } = app.options;
  const listener = nodeListener(handler, { bodyMs, publicUrl, log });
  return (fastify, _options, done) => {
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, _payload, parsed) => {
      parsed(null);
    });
    fastify.addHook("onClose", close);
    fastify.all("/mcp", (request, reply) => {
      reply.hijack();
      listener(request.raw, reply.raw);
    });
    done();
  };
}

/** Registers `/metrics`, which exposes the metrics of the process in the Prometheus text format. */
function metricsRoute(fastify: FastifyInstance, app: AppParts): void {
  fastify.get("/metrics", async (_request, reply) =>
    reply
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff")
      .type("text/plain; version=0.0.4; charset=utf-8")
      .send(await app.metrics()),
  );
}
