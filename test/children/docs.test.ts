import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, it } from "node:test";
import { pathToFileURL } from "node:url";
import { isJsonObject } from "../../src/core/json/json.ts";
import type { App } from "../../src/index.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

it("the example of docs/children.md creates its children, and shows what the page says", async () => {
  const page = await readFile(join(import.meta.dirname, "../../docs/children.md"), "utf8");
  const [, code = ""] = /```ts\n(.*?)```/s.exec(page) ?? [];
  // Below the package, so that its name resolves to its sources.
  const folder = await mkdtemp(join(import.meta.dirname, "docs-"));
  folders.push(folder);
  await writeFile(join(folder, "app.ts"), code);
  const module: unknown = await import(pathToFileURL(join(folder, "app.ts")).href);
  assert.ok(typeof module === "object" && module !== null && "default" in module);
  const app = module.default as App;
  await app.start({ store: sqliteStore({ path: join(folder, "afoot.db") }) });
  const send = async (path: string, body?: object): Promise<Readonly<Record<string, unknown>>> => {
    const more = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const headers = { "Content-Type": "application/json" };
    return parseObject(
      await (await app.fetch(new Request(`http://localhost/api/${path}`, { headers, ...more }))).text(),
    );
  };
  try {
    const configuration = { version: "1.2.0", platforms: ["linux", "macos"] };
    const { id } = await send("releases", { configuration });
    const released = await eventually("the release", async () => {
      const shown = await send(`releases/${String(id)}`);
      return shown["status"] === "Released" && shown;
    });
    assert.deepEqual(released["files"], ["app-1.2.0-linux.zip", "app-1.2.0-macos.zip"]);
    assert.deepEqual(released["_links"], { builds: { href: `/api/builds?parent=release/${String(id)}` } });
    const { items } = await send(`builds?parent=release/${String(id)}`);
    assert.ok(Array.isArray(items));
    const links = items.map((item: unknown) => (isJsonObject(item) ? item["_links"] : undefined));
    assert.deepEqual(
      new Set(links.map((link) => JSON.stringify(link))),
      new Set(
        configuration.platforms.map((name) =>
          JSON.stringify({ parent: { href: `/api/releases/${String(id)}`, name } }),
        ),
      ),
    );
  } finally {
    await app.close();
  }
});
