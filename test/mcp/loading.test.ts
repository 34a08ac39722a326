import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import manifest from "../../package.json" with { type: "json" };

const LOADER = `
import module from "node:module";
const loaded = [];
module.registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
const { createApp } = await import(process.argv[1] + "/src/app/create-app.ts");
await import(process.argv[1] + "/src/cli/start/start.ts");
const { createHost } = await import(process.argv[1] + "/src/cli/start/host.ts");
const log = { debug() {}, info() {}, warn() {}, error() {} };
const { default: declared } = await import(process.argv[1] + "/test/mcp/app.ts");
const app = createApp({ resources: declared.types, ...JSON.parse(process.argv[2]) });
(await createHost(app, { log, open: true })).close();
console.log(JSON.stringify(loaded.filter((url) => /src\\/mcp\\/|modelcontextprotocol/.test(url)).length));
process.exit();
`;

/** Counts the modules for agents that a start with these options loads, pages included. */
async function modulesForAgents(options: object): Promise<number> {
  const argv = [
    "--conditions=@afoot/source",
    "--input-type=module",
    "-e",
    LOADER,
    resolve("."),
    JSON.stringify(options),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: join(import.meta.dirname, "../..") });
  return Number(stdout);
}

describe("an app without agents", () => {
  it("loads no module for them, while an app with agents does", async () => {
    assert.equal(await modulesForAgents({}), 0);
    assert.ok((await modulesForAgents({ mcp: true })) > 10);
  });

  it("installs no package for them", () => {
    assert.ok(!Object.keys(manifest.dependencies).some((name) => name.startsWith("@modelcontextprotocol/")));
    assert.equal(manifest.peerDependenciesMeta["@modelcontextprotocol/server"].optional, true);
  });
});
