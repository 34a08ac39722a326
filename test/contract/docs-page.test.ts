import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fastify, { type FastifyInstance } from "fastify";
import { mount } from "../../src/hosts/fastify.ts";
import { openapiDocument } from "../../src/server/openapi/document.ts";
import { serverOptions } from "../../src/server/options.ts";
import { docsPages } from "../../src/server/pages/docs-page.ts";
import { mountPages } from "../../src/server/pages/page-handler.ts";
import { noChromium, openChromium } from "../support/chromium.ts";
import { machine, order } from "./types.ts";

const options = serverOptions({ openapi: { title: "Machines & <orders>" } });
const document = openapiDocument({ types: [machine, order], options });

async function served(): Promise<FastifyInstance & AsyncDisposable> {
  const app = fastify();
  await app.register(
    mount,
    mountPages(
      docsPages(() => document),
      { options },
    ),
  );
  return Object.assign(app, { [Symbol.asyncDispose]: () => app.close() });
}

describe("/openapi.json", () => {
  it("is the document, and 304 for a client that has it", async () => {
    await using app = await served();
    const first = await app.inject("/openapi.json");
    assert.equal(first.statusCode, 200);
    assert.match(String(first.headers["content-type"]), /^application\/json/);
    assert.deepEqual(first.json(), document);
    const etag = String(first.headers.etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await app.inject({ url: "/openapi.json", headers: { "if-none-match": known } });
      assert.deepEqual(
        { statusCode: again.statusCode, body: again.body, etag: again.headers.etag },
        { statusCode: 304, body: "", etag },
      );
    }
    const other = await app.inject({ url: "/openapi.json", headers: { "if-none-match": '"other"' } });
    assert.equal(other.statusCode, 200);
  });
});

describe("/docs", () => {
  it("is reached with and without a slash, and has a policy that allows its own script", async () => {
    await using app = await served();
    const bare = await app.inject("/docs");
    assert.deepEqual(
      { statusCode: bare.statusCode, location: bare.headers.location },
      { statusCode: 301, location: "docs/" },
    );
    const page = await app.inject("/docs/");
    assert.match(page.body, /<html lang="en">/);
    assert.match(page.body, /<title>Machines &amp; &lt;orders&gt;<\/title>/);
    const policy = String(page.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'self' 'sha256-[^']+';/);
    assert.doesNotMatch(policy, /https?:/);
  });

  it("applies its policy to the page only", async () => {
    await using app = await served();
    assert.equal((await app.inject("/openapi.json")).headers["content-security-policy"], undefined);
  });

  it(
    "shows the API in a browser and asks no other host for anything",
    { skip: noChromium, timeout: 180_000 },
    async () => {
      await using app = await served();
      const origin = await app.listen({ port: 0, host: "127.0.0.1" });
      await using browser = await openChromium();
      const page = await browser.newPage();
      const asked: string[] = [];
      const faults: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
      await page.goto(`${origin}/docs`);

      await page.getByText("Creates a new virtual machine").first().click();
      await page.getByText("Retrieves the status and details of a virtual machine").first().click();
      await page.getByText("192.168.1.10").or(page.getByText("Provisioning")).first().waitFor();
      assert.deepEqual(faults, []);
      assert.deepEqual(
        asked.filter((url) => !url.startsWith(origin) && !/^(?:data|blob):/.test(url)),
        [],
      );
      assert.ok(asked.includes(`${origin}/openapi.json`));

      await page.evaluate(await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
      const violations: unknown = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id }) => id))",
      );
      assert.ok(Array.isArray(violations));
      assert.deepEqual(
        violations.filter((id) => !NOT_OURS.has(String(id))),
        [],
      );
    },
  );
});

/** Known issues of the reference's own markup: names of two controls of its code samples and of its landmarks. */
const NOT_OURS: ReadonlySet<string> = new Set(["label-content-name-mismatch", "landmark-unique"]);
