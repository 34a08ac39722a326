import type { FastifyInstance } from "fastify";
import type { App } from "../app/create-app.ts";

/** `/livez`: the process answers. `/readyz`: every part named, 503 while one that requests need is not ready. */
export function healthRoutes(fastify: FastifyInstance, app: App): void {
  fastify.get("/livez", async (_request, reply) => reply.header("Cache-Control", "no-store").send({ status: "alive" }));
  fastify.get("/readyz", async (_request, reply) => {
    const parts = await app.status();
    const ready = parts.every((part) => part.ready || part.isDispensable === true);
    const whole = parts.every((part) => part.ready) ? "ready" : "degraded";
    if (!ready) void reply.code(503).header("Retry-After", "2");
    return reply.header("Cache-Control", "no-store").send({ status: ready ? whole : "not ready", parts });
  });
}
