import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { dashboardPage, type PageOptions } from "../../src/server/fastify.ts";

async function served(options: Partial<PageOptions> = {}): Promise<FastifyInstance & AsyncDisposable> {
  const fastify = Fastify();
  await fastify.register(dashboardPage, { basePath: "/api", ...options });
  return Object.assign(fastify, { [Symbol.asyncDispose]: () => fastify.close() });
}

describe("the dashboard's page", () => {
  it("is the same under every path, and knows where the API stands", async () => {
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
        "all that it loads is here",
      );
    }
  });

  it("keeps what its names tell apart for ever, and sends nothing twice", async () => {
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
    const known = await fastify.inject({ url: "/dashboard", headers: { "if-none-match": String(headers.etag) } });
    assert.deepEqual([known.statusCode, known.body], [304, ""]);
    assert.equal((await fastify.inject("/dashboard/assets/of-yesterday.js")).statusCode, 404);
  });

  it("says how it is built where it is not", async () => {
    await using fastify = await served({ folder: "/nowhere" });
    const { statusCode, body } = await fastify.inject("/dashboard");
    assert.equal(statusCode, 503);
    assert.match(body, /npm run prepare/);
  });
});
