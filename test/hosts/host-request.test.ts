import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import { getRequestListener } from "@hono/node-server";
import express, { type Request as ExpressRequest } from "express";
import Fastify, { type FastifyRequest } from "fastify";
import { type Context, Hono } from "hono";
import type { AppParts } from "../../src/app/create-app.ts";
import { afoot, mount } from "../../src/hosts/fastify.ts";
import { fetchMiddleware, middleware } from "../../src/hosts/middleware.ts";
import { mcpHandler } from "../../src/mcp/index.ts";
import type { AuthenticateRequest } from "../../src/server/access/access.ts";
import { FULL, rpc } from "../mcp/support/rpc.ts";
import { closeServer, listenOn, portOf, startPrintApp } from "./print-app.ts";

/** The user of an application, as its own authentication finds it once for each request. */
interface User {
  readonly name: string;
}

const userOf = (cookie: string | undefined): User => ({ name: /user=(\w+)/.exec(cookie ?? "")?.[1] ?? "" });
const principalOf = (user: User | undefined) => (user === undefined || user.name === "" ? null : { id: user.name });

interface Application {
  readonly app: AppParts & AsyncDisposable;
  readonly port: number;
  readonly close: () => Promise<void>;
}

const APPLICATIONS: Readonly<Record<string, () => Promise<Application>>> = {
  async Fastify() {
    type Request = FastifyRequest & { member?: User };
    const authenticate = ({ host }: AuthenticateRequest<Request>) => principalOf(host.member);
    const app = await startPrintApp({ mcp: true, authenticate });
    const fastify = Fastify();
    await fastify.register(afoot, { app });
    await fastify.register(mount, mcpHandler(app));
    // Hooks that are added after the plugin apply, too.
    fastify.addHook("preHandler", async (request: Request) => {
      request.member = userOf(request.headers.cookie);
    });
    fastify.addHook("onRequest", async (_request, reply) => {
      void reply.header("x-request-id", "r-1");
    });
    await fastify.listen({ host: "127.0.0.1", port: 0 });
    return { app, port: portOf(fastify.server), close: () => fastify.close() };
  },

  async Express() {
    type Request = ExpressRequest & { user?: User };
    const authenticate = ({ host }: AuthenticateRequest<Request>) => principalOf(host.user);
    const app = await startPrintApp({ mcp: true, authenticate });
    const site = express();
    site.use((request: Request, response, next) => {
      request.user = userOf(request.headers.cookie);
      response.setHeader("x-request-id", "r-1");
      next();
    });
    site.use("/api", middleware([app]));
    site.use(middleware([mcpHandler(app)]));
    const server = createServer(site);
    return { app, port: await listenOn(server), close: () => closeServer(server) };
  },

  async Hono() {
    interface Variables {
      readonly Variables: { user: User };
    }
    const authenticate = ({ host }: AuthenticateRequest<Context<Variables>>) => principalOf(host.get("user"));
    const app = await startPrintApp({ mcp: true, authenticate });
    const site = new Hono<Variables>();
    site.use(async (context, next) => {
      context.set("user", userOf(context.req.header("cookie")));
      await next();
      context.header("x-request-id", "r-1");
    });
    site.use(fetchMiddleware([app, mcpHandler(app)]));
    const listener = getRequestListener(site.fetch);
    const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
    return { app, port: await listenOn(server), close: () => closeServer(server) };
  },
};

describe("the request of the host", () => {
  for (const [name, open] of Object.entries(APPLICATIONS)) {
    it(`shows ${name}'s own user to authenticate, for requests of agents too`, async () => {
      const { app, port, close } = await open();
      await using _ = app;
      try {
        const url = `http://127.0.0.1:${port}`;
        const as = (user: string) => ({ headers: { cookie: `user=${user}`, "content-type": "application/json" } });
        const body = JSON.stringify({ configuration: { title: "Mine" } });
        const created = await fetch(`${url}/api/prints`, { method: "POST", body, ...as("ann") });
        assert.ok(created.status === 201 || created.status === 202, await created.text());
        assert.equal(created.headers.get("x-request-id"), "r-1", "headers of hooks are sent");
        const print = new URL(created.headers.get("location") ?? "", url);
        assert.equal((await fetch(print, as("ann"))).status, 200);
        assert.equal((await fetch(print, as("bob"))).status, 404);
        assert.equal((await fetch(print)).status, 401);

        const id = print.pathname.split("/").at(-1);
        const call = { method: "tools/call", params: { name: "get_print", arguments: { id } }, capabilities: FULL };
        const own = await rpc(fetch, `${url}/mcp`, { ...call, headers: { cookie: "user=ann" } });
        assert.equal(own.result.structuredContent.configuration["title" as "holder"], "Mine");
        const others = await rpc(fetch, `${url}/mcp`, { ...call, headers: { cookie: "user=bob" } });
        assert.equal(others.result.isError, true);
      } finally {
        await close();
      }
    });
  }

  it("is the request itself, or what the caller of fetch passes", async () => {
    const hosts: unknown[] = [];
    const authenticate = ({ host }: AuthenticateRequest) => {
      hosts.push(host);
      return { id: "ann" };
    };
    await using app = await startPrintApp({ authenticate });
    const request = new Request("http://print.test/api/prints");
    const context = { user: "ann" };
    await app.fetch(request);
    await app.fetch(request, context);
    await app.pages().fetch(new Request("http://print.test/openapi.json"), context);
    assert.deepEqual(hosts, [request, context, context]);
  });
});
