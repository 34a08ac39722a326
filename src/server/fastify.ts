import type { FastifyError, FastifyPluginCallback } from "fastify";
import { DefinitionError } from "../core/errors.ts";
import { silentLog } from "../core/ports/log.ts";
import { systemClock } from "../core/scheduling/clock.ts";
import type { Handler } from "./http/exchange.ts";
import { nodeListener, type NodeListenerOptions } from "./http/node-listener.ts";
import { problemResponse, Refusal } from "./http/problems.ts";
import { send } from "./http/send.ts";
import { JSON_TYPE } from "./request/negotiate.ts";

export { dashboardPage, type PageOptions } from "./dashboard/page-routes.ts";

/** What is mounted: an app of `createApp`. */
export interface MountedApp {
  readonly handler: Handler;
  readonly options: { readonly basePath: string; readonly bodyMs: number };
}

export interface AfootPluginOptions extends Pick<NodeListenerOptions, "clock" | "log"> {
  readonly app: MountedApp;
}

/**
 * Mounts an app in a Fastify of the user's, under the app's own base path: `fastify.register(afoot, { app })`. Hooks of that
 * Fastify run as for any route; bodies are left to the app, which reads each once.
 *
 * @throws DefinitionError when it is registered under a prefix that is not the beginning of the app's base path
 */
export const afoot: FastifyPluginCallback<AfootPluginOptions> = (fastify, { app, ...options }, done) => {
  const { basePath, bodyMs } = app.options;
  const { prefix } = fastify;
  if (prefix !== "" && basePath !== prefix && !basePath.startsWith(`${prefix}/`)) {
    const problem = `afoot: the prefix ${JSON.stringify(prefix)} is not the beginning of the app's base path ${JSON.stringify(basePath)}`;
    done(new DefinitionError(`${problem}; give createApp the base path under which clients see it`));
    return;
  }
  const listener = nodeListener(app.handler, { ...options, bodyMs });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", (_request, _payload, parsed) => {
    parsed(null);
  });
  fastify.setErrorHandler((error: FastifyError, request, reply) => {
    // Fastify itself reads the header before the app sees the request.
    if (!error.code.startsWith("FST_ERR_CTP_")) throw error;
    const [path = ""] = request.url.split("?");
    const refusal = new Refusal(
      "unsupported-media-type",
      "Content-Type is no media type; send application/json in UTF-8.",
      {
        headers: ["Accept", JSON_TYPE],
      },
    );
    reply.hijack();
    send(problemResponse(refusal, path, silentLog), {
      incoming: request.raw,
      response: reply.raw,
      clock: systemClock,
      log: silentLog,
    });
  });
  fastify.all(`${basePath.slice(prefix.length)}/*`, (request, reply) => {
    reply.hijack();
    listener(request.raw, reply.raw);
  });
  done();
};
