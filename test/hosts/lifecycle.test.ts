import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import Fastify from "fastify";
import { MemoryContents } from "../../examples/memory-store/contents.ts";
import { memoryStore } from "../../examples/memory-store/memory-store.ts";
import { createApp } from "../../src/app/create-app.ts";
import { closeWith } from "../../src/hosts/close-with.ts";
import { afoot, mount } from "../../src/hosts/fastify.ts";
import { middleware } from "../../src/hosts/middleware.ts";
import { listenOn, print } from "./print-app.ts";

const start = () => ({ store: memoryStore(new MemoryContents()) });
const isReady = async (app: { status: () => Promise<readonly { ready: boolean }[]> }): Promise<boolean> =>
  (await app.status()).every(({ ready }) => ready);

describe("the Fastify plugin", () => {
  it("starts the app with the instance and closes it with the instance", async () => {
    const app = createApp({ resources: [print] });
    const fastify = Fastify();
    await fastify.register(afoot, { app, start: start() });
    await fastify.register(mount, app.health());
    assert.ok(!(await isReady(app)));
    assert.equal((await fastify.inject("/readyz")).statusCode, 200);
    await fastify.close();
    assert.ok(!(await isReady(app)));
  });

  it("leaves an app open that other instances mount", async () => {
    const app = createApp({ resources: [print] });
    await app.start(start());
    const fastify = Fastify();
    await fastify.register(afoot, { app, close: false });
    assert.equal((await fastify.inject("/api/prints")).statusCode, 200);
    await fastify.close();
    assert.ok(await isReady(app));
    await app.close();
  });

  it("shares a prefix with routes and a not-found handler of the application", async () => {
    const app = createApp({ resources: [print], basePath: "/v1/prints-api" });
    const fastify = Fastify();
    await fastify.register(
      async (scope) => {
        await scope.register(afoot, { app, start: start() });
        scope.get("/customers", () => "own");
        scope.setNotFoundHandler((_request, reply) => reply.code(404).send("own 404"));
      },
      { prefix: "/v1" },
    );
    const text = async (url: string) => (await fastify.inject(url)).body;
    assert.equal(await text("/v1/customers"), "own");
    assert.equal(await text("/v1/unknown"), "own 404");
    assert.match(await text("/v1/prints-api/unknown"), /"code":"not-found"/);
    assert.match(await text("/v1/prints-api/prints"), /"items":\[\]/);
    await fastify.close();
  });

  it("leaves unknown paths below its base path to the application", async () => {
    const app = createApp({ resources: [print], basePath: "/v1" });
    const fastify = Fastify();
    await fastify.register(afoot, { app, start: start(), notFound: false });
    await fastify.register(
      async (scope) => {
        scope.setNotFoundHandler((_request, reply) => reply.code(404).send("own 404"));
      },
      { prefix: "/v1" },
    );
    assert.match((await fastify.inject("/v1/prints")).body, /"items":\[\]/);
    assert.equal((await fastify.inject("/v1/unknown")).body, "own 404");
    await fastify.close();
  });

  it("reports a prefix that the base path does not start with", async () => {
    const app = createApp({ resources: [print] });
    const fastify = Fastify();
    const registered = fastify.register(afoot, { app, prefix: "/v1" });
    await assert.rejects(async () => registered, /the path "\/api\/prints.*" does not start with the prefix "\/v1"/);
    await fastify.close();
  });
});

describe("closeWith", () => {
  it("answers waiting requests, closes the app and the server, and listens to no signal afterwards", async () => {
    const app = createApp({ resources: [print] });
    await app.start(start());
    const server = createServer((incoming, response) => {
      middleware([app])(incoming, response, () => response.end());
    });
    const signals = process.listenerCount("SIGTERM");
    const stop = closeWith(server, app, { graceMs: 1000 });
    const url = `http://127.0.0.1:${await listenOn(server)}/api/prints`;
    const { id } = await app.prints.create({ title: "Held", hold: true });
    const waiting = fetch(`${url}/${id}`, { headers: { accept: "text/event-stream" } });
    assert.equal((await waiting).status, 200);
    const closed = once(server, "close");
    await stop();
    assert.match(await (await waiting).text(), /event: resource/);
    await closed;
    assert.ok(!(await isReady(app)));
    assert.equal(process.listenerCount("SIGTERM"), signals);
  });

  it("closes several apps if the application closes the server itself", async () => {
    const apps = [createApp({ resources: [print], basePath: "/a" }), createApp({ resources: [print], basePath: "/b" })];
    await Promise.all(apps.map((app) => app.start(start())));
    const serve = middleware(apps);
    const server = createServer((incoming, response) => serve(incoming, response, () => response.end("own")));
    closeWith(server, apps);
    const origin = `http://127.0.0.1:${await listenOn(server)}`;
    const headers = { connection: "close" };
    for (const [path, status] of [
      ["/a/prints", 200],
      ["/b/prints", 200],
      ["/c", 200],
      ["/a/b", 404],
    ] as const) {
      assert.equal((await fetch(origin + path, { headers })).status, status, path);
    }
    await apps[0]?.prints.create({ title: "Only in the first" });
    const [first, second] = await Promise.all(
      ["/a", "/b"].map(async (path) => (await fetch(`${origin}${path}/prints`, { headers })).json()),
    );
    assert.deepEqual(
      [(first as { items: object[] }).items.length, (second as { items: object[] }).items.length],
      [1, 0],
    );
    server.close();
    await once(server, "close");
    await Promise.all(apps.map((app) => app.close()));
    for (const app of apps) assert.ok(!(await isReady(app)));
  });
});
