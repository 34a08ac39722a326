import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { it } from "node:test";
import Fastify from "fastify";
import { afoot } from "../../src/hosts/fastify.ts";
import { eventually } from "../support/eventually.ts";
import { portOf, startPrintApp } from "./print-app.ts";

// The timeout of Fastify for idle connections is 72 seconds.
it(
  "closes Fastify when the last response has ended, though its client keeps the connection",
  { timeout: 30_000 },
  async (context) => {
    await using app = await startPrintApp();
    const fastify = Fastify();
    await fastify.register(afoot, { app });
    const entered = Promise.withResolvers<void>();
    const released = Promise.withResolvers<string>();
    fastify.get("/slow", async () => {
      entered.resolve();
      return released.promise;
    });
    await fastify.listen({ host: "127.0.0.1", port: 0 });
    const agent = new Agent({ keepAlive: true });
    context.after(() => {
      agent.destroy();
    });
    const request = get({ port: portOf(fastify.server), path: "/slow", agent });
    const replied = once(request, "response") as Promise<[IncomingMessage]>;
    await entered.promise;
    const closed = fastify.close();
    await eventually("the server to accept no connection", () => !fastify.server.listening);
    released.resolve("done");
    const [reply] = await replied;
    assert.equal(await text(reply), "done");
    await closed;
  },
);
