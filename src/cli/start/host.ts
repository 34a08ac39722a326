import type { Server } from "node:http";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import type { AppParts } from "../../app/create-app.ts";
import type { Log } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { MAX_CONNECTIONS, nodeListener, type NodeListener, serverLimits } from "../../server/http/node-listener.ts";
import { problemResponse } from "../../server/http/problems.ts";
import { send } from "../../server/http/send.ts";
import { createServer } from "./http-server.ts";
import { loopbackOnly } from "./loopback.ts";

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
export async function createHost(app: AppParts, options: HostOptions): Promise<Server> {
  const { log, open, pages: own } = options;
  const pages = pagesOf(app, options);
  // What an app adds is to fail at the start, not when somebody asks for it.
  if (own !== undefined) await pages.load();
  const { authenticate, basePath, bodyMs } = app.options;
  const answer = nodeListener(app.handler, { basePath, bodyMs, log, fallback: pages.answer });
  const listener = authenticate === undefined && !open ? loopbackOnly(answer) : answer;
  const server = createServer({ ...serverLimits, optimizeEmptyRequests: true }, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkContinue", listener);
  server.on("close", () => void pages.close());
  return server;
}

interface Pages {
  readonly load: () => Promise<FastifyInstance>;
  readonly answer: NodeListener;
  readonly close: () => Promise<void>;
}

/** Everything beside the API, loaded when somebody asks for it: to load Fastify takes longer than all the rest of a start. */
function pagesOf(app: AppParts, { log, pages: own }: HostOptions): Pages {
  let loading: Promise<FastifyInstance> | undefined;
  const made = async (): Promise<FastifyInstance> => {
    const { createPages } = await import("./pages.ts");
    return createPages(app, log, own);
  };
  const load = (): Promise<FastifyInstance> => {
    loading ??= made();
    return loading;
  };
  return {
    load,
    answer(incoming, response) {
      load().then(
        (fastify) => fastify.routing(incoming, response),
        (error: unknown) => {
          const exchange = { incoming, response, clock: systemClock, log };
          send(problemResponse(error, incoming.url ?? "/", log), exchange);
        },
      );
    },
    close: async () => (await loading)?.close(),
  };
}
