import type {
  FastifyContextConfig,
  FastifyError,
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import type { AppParts } from "../app/create-app.ts";
import type { CloseOptions } from "../app/lifecycle.ts";
import type { AppStartOptions } from "../app/start-options.ts";
import { DefinitionError } from "../core/errors.ts";
import { silentLog } from "../core/ports/log.ts";
import { type CorsOptions, withCors } from "../server/access/cors.ts";
import type { HttpRequest, HttpResponse } from "../server/http/exchange.ts";
import { JSON_TYPE } from "../server/http/headers.ts";
import type { Mount } from "../server/http/mount.ts";
import { nodeServing, type NodeServingOptions } from "../server/http/node-listener.ts";
import { problemResponse } from "../server/http/problems.ts";
import { pathPrefixOf } from "../server/http/public-url.ts";
import { openapiDocument } from "../server/openapi/document.ts";
import { PATCH_TYPES, unsupportedType } from "../server/request/body.ts";
import { apiMount, type MountedApp } from "./api-mount.ts";
import { swaggerConfig } from "./swagger.ts";

/** Options of the Fastify plugin {@link afoot}. */
export interface AfootPluginOptions extends Pick<NodeServingOptions, "clock" | "log"> {
  /** The app to mount. */
  readonly app: MountedApp & Partial<Pick<AppParts, "start" | "close">>;
  /**
   * Starts the app with these options when the instance is ready, with its logger.
   * @default the application calls `app.start()` itself
   */
  readonly start?: AppStartOptions | undefined;
  /**
   * Closes the app with these options before the instance closes, even if the application has started it. False leaves
   * it open, for an app that several instances mount.
   * @default a grace period of 10 seconds
   */
  readonly close?: CloseOptions | false | undefined;
  /**
   * Answers requests below the base path that have no route, with 404 or 405. Set it to false if the application has a
   * not-found handler for the same prefix.
   * @default true
   */
  readonly notFound?: boolean | undefined;
}

/**
 * Mounts an app in an existing Fastify instance, under the app's base path: `fastify.register(afoot, { app })`. Each
 * path and method is a route, and the hooks of the instance run as for any route. The app reads and answers requests
 * itself: Fastify parses, validates and serializes nothing.
 *
 * @throws DefinitionError if it is registered under a prefix that the app's base path does not start with
 */
export const afoot: FastifyPluginCallback<AfootPluginOptions> = (fastify, given, done) => {
  const { app, start, close, notFound = true, ...options } = given;
  fail(done, () => {
    const { types, options: appOptions } = app;
    const config = swaggerConfig(() => openapiDocument({ types, options: appOptions }));
    const api = apiMount(app);
    mountIn(fastify, notFound ? api : { ...api, paths: [] }, { ...options, ...appOptions, config });
    if (start !== undefined) fastify.addHook("onReady", async () => app.start?.({ logger: fastify.log, ...start }));
    if (close !== false) {
      fastify.addHook("preClose", async () => {
        // The instance closes connections that are idle now; the others close after their response.
        fastify.server.keepAliveTimeout = 1;
        // Waiting requests are answered first, because the instance waits for them.
        await app.close?.(close);
      });
    }
  });
};

/**
 * Mounts pages of an app, or its handler of agents: `fastify.register(mount, app.pages())`.
 *
 * @throws DefinitionError if it is registered under a prefix that a mounted path does not start with
 */
export const mount: FastifyPluginCallback<Mount> = (fastify, { ...mounted }, done) => {
  fail(done, () => {
    mountIn(fastify, mounted, { config: swaggerConfig(undefined) });
  });
};

interface MountingOptions extends RefusingOptions {
  /** Configuration of every route. */
  readonly config: FastifyContextConfig;
}

interface RefusingOptions extends NodeServingOptions {
  readonly cors?: CorsOptions | undefined;
}

/** Reports an error of a plugin to Fastify. */
function fail(done: (error?: Error) => void, run: () => void): void {
  try {
    run();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done();
}

function mountIn(fastify: FastifyInstance, mounted: Mount, options: MountingOptions): void {
  const serve = nodeServing(mounted.handler, { ...options, bodyMs: mounted.bodyMs });
  const handler = (request: FastifyRequest, reply: FastifyReply): void => {
    // Hooks of the instance may have set headers, such as those of CORS.
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.hijack();
    serve(request.raw, reply.raw, { host: request });
  };
  passBodies(fastify);
  answerInvalidTypes(fastify, options);
  // A route for GET adds one for HEAD, unless there is one.
  const routes = mounted.routes.toSorted(
    (one, other) => Number(other.method === "HEAD") - Number(one.method === "HEAD"),
  );
  for (const { method, path } of routes) {
    const url = withoutPrefix(path, fastify.prefix).replaceAll(/\{(\w+)\}/g, ":$1");
    fastify.route({ method: method === "*" ? fastify.supportedMethods : method, url, config: options.config, handler });
  }
  const routed = new Set(mounted.routes.map(({ path }) => path));
  for (const path of mounted.paths.filter((each) => !routed.has(each))) {
    serveOtherPaths(fastify, path, { config: options.config, handler });
  }
  const { close } = mounted;
  if (close !== undefined) fastify.addHook("onClose", close);
}

/** Leaves bodies unread. */
function passBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", (_request, _payload, parsed) => {
    parsed(null);
  });
}

/**
 * Answers requests with an invalid Content-Type, which Fastify rejects before the app sees them, as the app would. The
 * app must not see them: the hooks after the parsing have not run.
 */
function answerInvalidTypes(fastify: FastifyInstance, options: RefusingOptions): void {
  const { cors, problemTypes } = options;
  const prefix = pathPrefixOf(options.publicUrl);
  const respond = (request: HttpRequest): HttpResponse => {
    const types = request.method === "PATCH" ? PATCH_TYPES : [JSON_TYPE];
    const refusal = unsupportedType(request.header("content-type"), types);
    const response = problemResponse(refusal, { path: prefix + request.path, problemTypes }, silentLog);
    return cors === undefined ? response : withCors(response, request, cors);
  };
  const refuse = nodeServing(Object.assign(respond, { close: async () => {} }), options);
  fastify.setErrorHandler((error: FastifyError, request, reply) => {
    if (!error.code.startsWith("FST_ERR_CTP_")) throw error;
    reply.hijack();
    refuse(request.raw, reply.raw);
  });
}

interface OtherPaths {
  readonly config: FastifyContextConfig;
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => void;
}

/** Lets the app answer the paths and methods below `/*` that have no route, with its own 404, 405 and OPTIONS. */
function serveOtherPaths(fastify: FastifyInstance, path: string, route: OtherPaths): void {
  const prefix = withoutPrefix(path, fastify.prefix).slice(0, -"/*".length);
  if (prefix === "") fastify.all("/*", { config: route.config }, route.handler);
  else {
    void fastify.register(
      (scope, _options, done) => {
        scope.setNotFoundHandler(route.handler);
        done();
      },
      { prefix },
    );
  }
}

/** @throws DefinitionError */
function withoutPrefix(path: string, prefix: string): string {
  if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  const problem = `afoot: the path ${JSON.stringify(path)} does not start with the prefix ${JSON.stringify(prefix)} of the Fastify instance`;
  throw new DefinitionError(`${problem}; choose a base path, or a prefix of pages, that starts with it`);
}
