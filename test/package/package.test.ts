import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { Consumer } from "./consumer.ts";
import { readmeApp } from "./readme-app.ts";
import { typeChecks } from "./type-checks.ts";

/** Bounds of `npm install afoot zod`. */
const MAX_PACKAGES = 40;
const MAX_BYTES = 12_000_000;

describe("the package, installed as the README says", () => {
  const consumer = new Consumer();
  let installed: ReturnType<Consumer["installed"]>;
  before(() => {
    consumer.installPackage("zod");
    installed = consumer.installed();
    consumer.write("app.ts", readmeApp());
  });
  after(() => consumer[Symbol.dispose]());

  it("is small, with zod", () => {
    const { packages, bytes } = installed;
    assert.ok(packages <= MAX_PACKAGES, `${packages} packages`);
    assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);
  });

  it("serves the README's app and brings a resource to Ready", async () => {
    await using started = consumer.start("app.ts", "--port", "0");
    const url = await started.url();
    const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };
    const accepted = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ configuration }),
    });
    assert.equal(accepted.status, 202);
    const location = new URL(accepted.headers.get("Location") ?? "", url);
    const { id, status } = (await accepted.json()) as { id: string; status: string };
    assert.equal(location.pathname, `/api/virtual-machines/${id}`);
    assert.equal(status, "Provisioning");
    const response = await eventually("the machine to settle", async () => {
      const polled = await fetch(location, { headers: { Prefer: "wait=10" } });
      if (!polled.headers.has("Retry-After")) return polled;
      await polled.body?.cancel();
      return undefined;
    });
    assert.deepEqual(await response.json(), { id, status: "Ready", configuration, IPAddress: "192.168.1.10" });
    const page = await (await fetch(new URL("/dashboard", url))).text();
    const [, script = ""] = /<script[^>]+src="([^"]+)"/.exec(page) ?? [];
    const { status: found, headers } = await fetch(new URL(script, url));
    assert.deepEqual(
      { found, contentType: headers.get("content-type") },
      { found: 200, contentType: "text/javascript; charset=utf-8" },
    );
    await servesBundledParts(new URL("/", url));
    consumer.write("openapi.json", await (await fetch(new URL("/openapi.json", url))).text());
  });

  it("mocks the README's app from its document", async () => {
    await using started = consumer.runCommand("mock", "openapi.json", "--port", "0");
    const url = new URL("/api/virtual-machines", await started.url());
    const statuses = [{ os: "Linux", ram: "16GB", storage: "256GB SSD" }, { os: 1 }].map(async (configuration) => {
      const headers = { "Content-Type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ configuration }) });
      await response.body?.cancel();
      return response.status;
    });
    assert.deepEqual(await Promise.all(statuses), [202, 422]);
  });

  typeChecks(consumer, "typescript");
});

/** Checks parts of the server that need a package that is bundled, or built in another form. */
async function servesBundledParts(origin: URL): Promise<void> {
  assert.match(await (await fetch(new URL("docs", origin))).text(), /createApiReference/);
  const script = new URL("docs/js/scalar.js", origin);
  const scripts = await Promise.all(
    ["br", "gzip", "identity"].map(async (encoding) => fetch(script, { headers: { "Accept-Encoding": encoding } })),
  );
  assert.deepEqual(
    scripts.map(({ headers }) => headers.get("content-encoding")),
    ["br", "gzip", null],
  );
  const [brotli = "", ...others] = await Promise.all(scripts.map(async (each) => each.text()));
  assert.match(brotli, /createApiReference/);
  assert.deepEqual(
    others.map((text) => text === brotli),
    [true, true],
  );
  assert.match(await (await fetch(new URL("metrics", origin))).text(), /^nodejs_eventloop_lag_seconds /m);
}
