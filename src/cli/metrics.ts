import type { FastifyInstance } from "fastify";
import type { AppParts } from "../app/create-app.ts";

/** `/metrics`: what the process measures, as Prometheus reads it. */
export async function metricsRoute(fastify: FastifyInstance, app: AppParts): Promise<void> {
  // What is told of the process itself counts from the first look on.
  await app.metrics();
  fastify.get("/metrics", async (_request, reply) =>
    reply
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff")
      .type("text/plain; version=0.0.4; charset=utf-8")
      .send(await app.metrics()),
  );
}
