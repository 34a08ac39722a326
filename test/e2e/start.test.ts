import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";

const app = join(import.meta.dirname, "started-app.ts");

describe("afoot start", () => {
  it("calls what the file exports as `started`, once the API is served, and tells it of the end", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app, folder: folder.path });
    assert.match(server.log(), /^started as all with local:; the API answers 200$/m);
    assert.doesNotMatch(server.log(), /asked to stop/);
    assert.equal(await server.stop(), 0);
    assert.match(server.log(), /^asked to stop$/m);
  });

  it("serves what the file exports as `pages` beside the API", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app, folder: folder.path });
    const page = await fetch(`${server.origin}/hello`);
    assert.equal(await page.text(), "a page of the app's own");
  });

  it("ends with what `started` throws", async () => {
    await using folder = await temporaryFolder();
    await assert.rejects(
      startAfoot({ app, folder: folder.path, environment: { STARTED: "throws" } }),
      /ended with 1 before it served[^]*the schedule is not readable/,
    );
  });

  it("ends and says so where another process listens", async () => {
    await using folder = await temporaryFolder();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    try {
      await assert.rejects(
        startAfoot({ app, folder: folder.path, flags: ["--port", port] }),
        new RegExp(`ended with 1 before it served[^]*--port ${port}: already in use`),
      );
    } finally {
      other.close();
    }
  });
});
