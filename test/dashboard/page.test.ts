import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { mount } from "../../src/hosts/fastify.ts";
import { type ServerOptions, serverOptions } from "../../src/server/options.ts";
import { dashboardPages } from "../../src/server/pages/dashboard-page.ts";
import { mountPages } from "../../src/server/pages/page-handler.ts";

async function served(
  given: Partial<ServerOptions> = {},
  pages: { prefix?: string; folder?: string } = {},
): Promise<FastifyInstance & AsyncDisposable> {
  const fastify = Fastify();
  const app = { options: serverOptions(given) };
  await fastify.register(mount, mountPages(dashboardPages({ app, ...pages }), app, pages.prefix));
  return Object.assign(fastify, { [Symbol.asyncDispose]: () => fastify.close() });
}

describe("the dashboard's page", () => {
  it("is the same at every path, and contains the base path of the API", async () => {
    await using fastify = await served({ basePath: "/v1" });
    const pages = await Promise.all(
      ["", "/", "/overview", "/resources/a/b"].map((path) => fastify.inject(`/dashboard${path}`)),
    );
    for (const { statusCode, headers, body } of pages) {
      assert.equal(statusCode, 200);
      assert.match(String(headers["content-type"]), /^text\/html/);
      assert.match(
        String(headers["content-security-policy"]),
        /default-src 'none'; script-src 'self'; style-src 'self';/,
      );
      assert.match(body, /<meta name="afoot-api" content="\/v1" \/>/);
      assert.equal(body, pages[0]?.body);
      assert.doesNotMatch(
        body,
        /<(?:script|link)[^>]+(?:src|href)="(?!\/dashboard\/assets\/)/,
        "it loads nothing from elsewhere",
      );
    }
  });

  it("lets clients cache hashed assets forever, and answers conditional requests with 304", async () => {
    await using fastify = await served();
    const { body, headers } = await fastify.inject("/dashboard");
    const [, script = ""] = /<script[^>]+src="([^"]+)"/.exec(body) ?? [];
    const plain = await fastify.inject(script);
    assert.match(String(plain.headers["cache-control"]), /immutable/);
    assert.match(String(plain.headers["content-type"]), /^text\/javascript/);
    const zipped = await fastify.inject({ url: script, headers: { "accept-encoding": "br, gzip" } });
    assert.equal(zipped.headers["content-encoding"], "gzip");
    assert.equal(gunzipSync(zipped.rawPayload).toString(), plain.body);
    assert.ok(zipped.rawPayload.length < 130_000, `${zipped.rawPayload.length} bytes`);
    const notModified = await fastify.inject({ url: "/dashboard", headers: { "if-none-match": String(headers.etag) } });
    assert.deepEqual({ statusCode: notModified.statusCode, body: notModified.body }, { statusCode: 304, body: "" });
    assert.equal((await fastify.inject("/dashboard/assets/of-yesterday.js")).statusCode, 404);
  });

  it("loads its files below the prefix of its mount, and of a proxy", async () => {
    await using fastify = await served({ publicUrl: "https://example.com/svc" }, { prefix: "/ops" });
    const { body } = await fastify.inject("/ops/dashboard/overview");
    assert.match(body, /<meta name="afoot-api" content="\/svc\/api" \/>/);
    assert.match(body, /<meta name="afoot-page" content="\/svc\/ops\/dashboard" \/>/);
    const [, script = ""] = /<script[^>]+src="\/svc([^"]+)"/.exec(body) ?? [];
    assert.equal((await fastify.inject(script)).statusCode, 200);
    assert.equal((await fastify.inject("/dashboard")).statusCode, 404);
  });

  it("leaves compression to hosts with the Fetch API, of which some remove Content-Encoding", async () => {
    const app = { options: serverOptions() };
    const pages = mountPages(dashboardPages({ app }), app);
    const response = await pages.fetch(
      new Request("http://afoot.test/dashboard", { headers: { "accept-encoding": "gzip" } }),
    );
    assert.equal(response.headers.get("content-encoding"), null);
    assert.match(await response.text(), /^<!doctype html>/);
  });

  it("returns 503 with the build command if the page is not built", async () => {
    await using fastify = await served({}, { folder: "/nowhere" });
    const { statusCode, body } = await fastify.inject("/dashboard");
    assert.equal(statusCode, 503);
    assert.match(body, /npm run build/);
  });
});
