import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import type { PartStatus } from "../../app/status.ts";
import { authenticateRequest } from "../../server/access/access.ts";
import { authenticatedRequestParts } from "./guard.ts";

/**
 * Registers the health routes. `/livez` returns 200 while the process responds. `/readyz` lists all parts, and returns 503 while a
 * part that requests need is not ready.
 */
export function healthRoutes(fastify: FastifyInstance, app: AppParts): void {
  fastify.get("/livez", async (_request, reply) => reply.header("Cache-Control", "no-store").send({ status: "alive" }));
  fastify.get("/readyz", async (request, reply) => {
    const parts = await app.status();
    const ready = parts.every((part) => part.ready || part.isDispensable === true);
    const readyStatus = parts.every((part) => part.ready) ? "ready" : "degraded";
    if (!ready) void reply.code(503).header("Retry-After", "2");
    return reply
      .header("Cache-Control", "no-store")
      .send({ status: ready ? readyStatus : "not ready", parts: await visibleParts(request, app, parts) });
  });
}

/** Returns the details of the parts, such as hosts and types, only to authenticated requests. Health probes have no credentials. */
async function visibleParts(
  request: FastifyRequest,
  { options }: AppParts,
  parts: readonly PartStatus[],
): Promise<readonly Partial<PartStatus>[]> {
  try {
    await authenticateRequest(authenticatedRequestParts(request), options);
    return parts;
  } catch {
    return parts.map(({ name, ready }) => ({ name, ready }));
  }
}
