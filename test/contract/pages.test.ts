import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { isJsonObject } from "../../src/core/json/json.ts";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const APP = join(ROOT, "examples/app.ts");
const MAIN = join(ROOT, "src/cli/main.ts");
const run = promisify(execFile);

async function printed(...argv: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ["--conditions=@afoot/source", MAIN, "openapi", ...argv], {
    cwd: ROOT,
  });
  return stdout;
}

describe("afoot start", () => {
  it("serves the document that afoot openapi prints, and the reference generated from it", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app: APP, folder: folder.path });
    const served = await fetch(`${server.origin}/openapi.json`);
    assert.equal(served.status, 200);
    assert.deepEqual(await served.json(), JSON.parse(await printed(APP)));
    const page = await fetch(`${server.origin}/docs`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /createApiReference/);
  });

  it("requires the same credentials for them as the API", async () => {
    await using folder = await temporaryFolder();
    const app = join(import.meta.dirname, "guarded.app.ts");
    await using server = await startAfoot({ app, folder: folder.path });
    for (const path of ["/openapi.json", "/docs/", "/docs/js/scalar.js"]) {
      const refused = await fetch(server.origin + path);
      assert.equal(refused.status, 401);
      assert.equal(refused.headers.get("www-authenticate"), "Bearer");
      assert.match(await refused.text(), /"code":"unauthenticated"/);
      const shown = await fetch(server.origin + path, { headers: { authorization: "Bearer letmein" } });
      assert.equal(shown.status, 200);
      await shown.body?.cancel();
    }
  });
});

describe("afoot openapi", () => {
  it("accepts the URL of the server, and names invalid arguments", async () => {
    const document: unknown = JSON.parse(await printed(APP, "--server", "https://api.acme.test/"));
    assert.ok(isJsonObject(document));
    assert.deepEqual(document["servers"], [{ url: "https://api.acme.test" }]);
    await assert.rejects(printed("nowhere.ts"), /file not found/);
    await assert.rejects(printed(APP, "--server", "api"), /--server: "api" is not an http or https URL/);
    await assert.rejects(printed(APP, APP), /at most one app file/);
  });

  it("prints overlays for generators, and names what is missing for one", async () => {
    const operations = join(ROOT, "test/compatibility/app.ts");
    const speakeasy: unknown = JSON.parse(await printed(APP, "--overlay", "speakeasy", "--server", "https://a.test/"));
    assert.ok(isJsonObject(speakeasy));
    assert.deepEqual(
      { overlay: speakeasy["overlay"], extends: speakeasy["extends"] },
      { overlay: "1.0.0", extends: "https://a.test/openapi.json" },
    );
    assert.match(await printed(operations, "--overlay", "autorest"), /"x-ms-long-running-operation": true/);
    await assert.rejects(printed(APP, "--overlay", "autorest"), /set operations: true in createApp/);
    await assert.rejects(
      printed(APP, "--overlay", "kiota"),
      /--overlay: "kiota" is unknown; available: speakeasy, autorest/,
    );
  });

  it("reports missing examples on standard error", async () => {
    const odd = join(import.meta.dirname, "odd.app.ts");
    const { stdout, stderr } = await run(process.execPath, ["--conditions=@afoot/source", MAIN, "openapi", odd]);
    assert.ok(isJsonObject(JSON.parse(stdout)));
    assert.match(
      stderr,
      /^afoot openapi: cave: configuration: no example .*word: is not the word.*declare one in the schema/,
    );
  });

  it("exits quietly when its output is closed", async () => {
    const { stdout, stderr } = await run("sh", [
      "-c",
      `"$0" --conditions=@afoot/source "$1" openapi "$2" | head -n 1`,
      process.execPath,
      MAIN,
      APP,
    ]);
    assert.equal(stdout, "{\n");
    assert.equal(stderr, "");
  });
});
