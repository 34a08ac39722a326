import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";

/** Fetched from npm on demand: 111 MB, which nothing else needs. */
const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0";

it("is listed and called by the command line of the official inspector", async () => {
  await using folder = await temporaryFolder();
  await using app = await startAfoot({ app: join(import.meta.dirname, "app.ts"), folder: folder.path });
  const inspect = async (...argv: readonly string[]): Promise<string> => {
    const npm = ["exec", "--yes", "--ignore-scripts", `--package=${INSPECTOR}`, "--", "mcp-inspector"];
    const target = ["--cli", `${app.origin}/mcp`, "--transport", "http"];
    return (await promisify(execFile)("npm", [...npm, ...target, ...argv], { cwd: folder.path })).stdout;
  };
  assert.match(await inspect("--method", "tools/list"), /"create_machine"/);
  const made = await inspect("--method", "tools/call", "--tool-name", "create_machine", "--tool-arg", "size=small");
  assert.match(made, /"status": "Ready"/);
});
