import type { Server } from "node:http";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import type { Log } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { MAX_CONNECTIONS, nodeListener, type NodeListener, serverLimits } from "../../server/http/node-listener.ts";
import { problemResponse } from "../../server/http/problems.ts";
import { pathPrefixOf } from "../../server/http/public-url.ts";
import { send } from "../../server/http/send.ts";
import { createServer } from "./http-server.ts";
import { loopbackOnly } from "./loopback.ts";

export interface HostOptions {
  readonly log: Log;
  /** Accepts every `Host` name, even without authentication. */
  readonly open: boolean;
  /** The app's own pages. They are not authenticated here, because a browser that opens a page sends no credentials. */
  readonly pages?: FastifyPluginAsync | undefined;
}

/**
 * Creates the HTTP server of `afoot start`. The transport-neutral handler serves the API on plain `node:http`; Fastify serves the
 * rest (health, documents, pages).
 */
export async function createHost(app: AppParts, options: HostOptions): Promise<Server> {
  const { log, open, pages: appPages } = options;
  const pages = createLazyPages(app, options);
  const { authenticate, basePath, bodyMs, publicUrl, problemTypes, mcp } = app.options;
  // Errors in the app's own pages, or a missing package, must fail the start, not the first request.
  if (appPages !== undefined || mcp !== false) await pages.load();
  const handle = nodeListener(app.handler, {
    basePath,
    bodyMs,
    publicUrl,
    problemTypes,
    log,
    fallback: pages.handle,
  });
  const listener = authenticate === undefined && !open ? loopbackOnly(handle, problemTypes) : handle;
  const server = createServer({ ...serverLimits, optimizeEmptyRequests: true }, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkContinue", listener);
  server.on("close", () => void pages.close());
  return server;
}

interface Pages {
  readonly load: () => Promise<FastifyInstance>;
  readonly handle: NodeListener;
  readonly close: () => Promise<void>;
}

/** Creates the pages beside the API on the first request, because loading Fastify takes longer than the rest of a start. */
function createLazyPages(app: AppParts, { log, pages: appPages }: HostOptions): Pages {
  let loading: Promise<FastifyInstance> | undefined;
  const create = async (): Promise<FastifyInstance> => {
    const { createPages } = await import("./pages.ts");
    return createPages(app, log, appPages);
  };
  const load = (): Promise<FastifyInstance> => {
    loading ??= create();
    return loading;
  };
  return {
    load,
    handle(incoming, response) {
      load().then(
        (fastify) => fastify.routing(incoming, response),
        (error: unknown) => {
          const exchange = { incoming, response, clock: systemClock, log };
          const { publicUrl, problemTypes } = app.options;
          const path = pathPrefixOf(publicUrl) + (incoming.url ?? "/");
          send(problemResponse(error, { path, problemTypes }, log), exchange);
        },
      );
    },
    close: async () => (await loading)?.close(),
  };
}
