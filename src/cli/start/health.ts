import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import type { PartStatus } from "../../app/status.ts";
import { authenticated } from "../../server/access/access.ts";
import { askingOf } from "./guard.ts";

/** `/livez`: the process answers. `/readyz`: every part named, 503 while one that requests need is not ready. */
export function healthRoutes(fastify: FastifyInstance, app: AppParts): void {
  fastify.get("/livez", async (_request, reply) => reply.header("Cache-Control", "no-store").send({ status: "alive" }));
  fastify.get("/readyz", async (request, reply) => {
    const parts = await app.status();
    const ready = parts.every((part) => part.ready || part.isDispensable === true);
    const whole = parts.every((part) => part.ready) ? "ready" : "degraded";
    if (!ready) void reply.code(503).header("Retry-After", "2");
    return reply
      .header("Cache-Control", "no-store")
      .send({ status: ready ? whole : "not ready", parts: await shownTo(request, app, parts) });
  });
}

/** Who looks after the process asks without credentials, and needs no more than what is ready. Hosts and types are for who is let in. */
async function shownTo(
  request: FastifyRequest,
  { options }: AppParts,
  parts: readonly PartStatus[],
): Promise<readonly Partial<PartStatus>[]> {
  try {
    await authenticated(askingOf(request), options);
    return parts;
  } catch {
    return parts.map(({ name, ready }) => ({ name, ready }));
  }
}
