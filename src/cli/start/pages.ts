import Fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import type { Log } from "../../core/ports/log.ts";
import { dashboardPage } from "../../server/dashboard/page-routes.ts";
import { docsRoutes } from "../../server/openapi/docs-routes.ts";
import { openapiDocument } from "../../server/openapi/document.ts";
import { guardPages } from "./guard.ts";
import { healthRoutes } from "./health.ts";

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
    metricsRoute(pages, app);
  });
  if (own !== undefined) await fastify.register(own);
  await fastify.ready();
  return fastify;
}

/** `/metrics`: what the process measures, as Prometheus reads it. */
function metricsRoute(fastify: FastifyInstance, app: AppParts): void {
  fastify.get("/metrics", async (_request, reply) =>
    reply
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff")
      .type("text/plain; version=0.0.4; charset=utf-8")
      .send(await app.metrics()),
  );
}
