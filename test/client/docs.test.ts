import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { startAfoot } from "../support/afoot-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** The guide's examples as files: the app, and all client examples as one module. */
describe("the examples of docs/clients.md", () => {
  let folder = "";
  let client = "";
  before(async () => {
    // The recipes for generated clients need generated files: test/generated-clients runs them.
    const [guide = ""] = (await readFile(join(ROOT, "docs/clients.md"), "utf8")).split("## Generated clients");
    const blocks = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
    const [app = "", ...rest] = blocks;
    assert.match(app, /^\/\/ app\.ts\n/);
    const inside = rest.filter((code) => code.includes("await app."));
    assert.equal(inside.length, 1);
    client = rest.filter((code) => !inside.includes(code)).join("\n");
    // Inside the package, so that its own name resolves to its sources.
    folder = await mkdtemp(join(import.meta.dirname, "docs-"));
    await writeFile(join(folder, "app.ts"), app);
    await writeFile(join(folder, "client.ts"), client);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("print what they say", async () => {
    await using server = await startAfoot({ app: join(folder, "app.ts"), folder });
    const path = join(folder, "run.ts");
    // The last examples follow a resource that does not exist.
    const [runnable = ""] = client.split("import { azure");
    await writeFile(path, runnable.replace("http://127.0.0.1:8080", server.origin));
    const { stdout } = await run(process.execPath, ["--conditions=@afoot/source", path]);
    const promised = [...client.matchAll(/\/\/=> (.*)/g)].map(([, text = ""]) => text);
    assert.ok(promised.length > 8);
    assert.deepEqual(stdout.trimEnd().split("\n"), promised);
  });
});
