import type { FastifyInstance } from "fastify";
import type { AppParts } from "../../app/create-app.ts";

/** `/metrics`: what the process measures, as Prometheus reads it. */
export function metricsRoute(fastify: FastifyInstance, app: AppParts): void {
  fastify.get("/metrics", async (_request, reply) =>
    reply
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff")
      .type("text/plain; version=0.0.4; charset=utf-8")
      .send(await app.metrics()),
  );
}
