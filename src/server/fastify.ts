import type { FastifyError, FastifyPluginCallback } from "fastify";
import { DefinitionError } from "../core/errors.ts";
import { silentLog } from "../core/ports/log.ts";
import { systemClock } from "../core/scheduling/clock.ts";
import type { Handler } from "./http/exchange.ts";
import { JSON_TYPE } from "./http/headers.ts";
import { nodeListener, type NodeListenerOptions } from "./http/node-listener.ts";
import { problemResponse, Refusal } from "./http/problems.ts";
import { pathPrefixOf } from "./http/public-url.ts";
import { send } from "./http/send.ts";

export { dashboardPage, type PageOptions } from "./dashboard/page-routes.ts";

/** The part of an app of `createApp` that the plugin uses. */
export interface MountedApp {
  readonly handler: Handler;
  readonly options: {
    readonly basePath: string;
    readonly bodyMs: number;
    readonly publicUrl?: string | undefined;
    readonly problemTypes?: string;
  };
}

export interface AfootPluginOptions extends Pick<NodeListenerOptions, "clock" | "log"> {
  readonly app: MountedApp;
  /** Handler of agents to mount at `/mcp`: `mcpHandler(app)` of `afoot/mcp`. @default none */
  readonly mcp?: { readonly handler: Handler; readonly close: () => Promise<void> } | undefined;
}

/**
 * Mounts an app in an existing Fastify instance, under the app's base path: `fastify.register(afoot, { app })`. Hooks
 * of the instance run as for any route. The plugin disables its body parsers, because the app reads bodies itself.
 *
 * @throws DefinitionError if it is registered under a prefix that the app's base path does not start with
 */
export const afoot: FastifyPluginCallback<AfootPluginOptions> = (fastify, { app, mcp, ...options }, done) => {
  const { basePath, bodyMs, publicUrl, problemTypes } = app.options;
  const { prefix } = fastify;
  if (prefix !== "" && basePath !== prefix && !basePath.startsWith(`${prefix}/`)) {
    const problem = `afoot: the app's base path ${JSON.stringify(basePath)} does not start with the prefix ${JSON.stringify(prefix)}`;
    done(new DefinitionError(`${problem}; pass createApp the base path that clients use, with the prefix`));
    return;
  }
  const listener = nodeListener(app.handler, {
    ...options,
    bodyMs,
    publicUrl,
    problemTypes,
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", (_request, _payload, parsed) => {
    parsed(null);
  });
  fastify.setErrorHandler((error: FastifyError, request, reply) => {
    // Fastify rejects an invalid Content-Type before the app sees the request.
    if (!error.code.startsWith("FST_ERR_CTP_")) throw error;
    const [path = ""] = request.url.split("?");
    const refusal = new Refusal(
      "unsupported-media-type",
      "Content-Type is not a valid media type; send application/json in UTF-8.",
      {
        headers: ["Accept", JSON_TYPE],
      },
    );
    reply.hijack();
    send(problemResponse(refusal, { path: pathPrefixOf(publicUrl) + path, problemTypes }, silentLog), {
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
  if (mcp !== undefined) {
    const serveAgents = nodeListener(mcp.handler, { ...options, bodyMs, publicUrl });
    fastify.all("/mcp", (request, reply) => {
      reply.hijack();
      serveAgents(request.raw, reply.raw);
    });
    fastify.addHook("onClose", mcp.close);
  }
  done();
};
