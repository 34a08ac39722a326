import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { send } from "../support/exchange.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const APP = join(import.meta.dirname, "../../examples/app.ts");

function afootFollow(...argv: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ["--conditions=@afoot/source", MAIN, "follow", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function firstLine(input: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input }).once("line", resolve);
  });
}

describe("afoot follow, as a process", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: AfootProcess;
  let url = "";
  before(async () => {
    folder = await temporaryFolder();
    server = await startAfoot({ app: APP, folder: folder.path, environment: { AFOOT_DEMO_PACE: "1" } });
    const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };
    const { headers } = await send(`${server.origin}/api/virtual-machines`, "POST", { configuration });
    url = server.origin + (headers.get("Location") ?? "");
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("ends on Ctrl-C, prints how to follow again, and leaves the resource running", async () => {
    const child = afootFollow(url);
    const errors = text(child.stderr);
    const line = await firstLine(child.stdout);
    assert.match(line, /^Provisioning/);
    child.kill("SIGINT");
    assert.deepEqual(await once(child, "exit"), [130, null]);
    assert.equal(await errors, `The resource continues. Follow it again with:\n  afoot follow ${url}\n`);
    const { body, headers } = await send(url, "GET");
    assert.equal(body["status"], "Provisioning");
    assert.ok(headers.has("Retry-After"));
  });

  it("ends when the reader of its output has ended", async () => {
    const child = afootFollow(url, "--json");
    const errors = text(child.stderr);
    const line = await firstLine(child.stdout);
    assert.equal((JSON.parse(line) as { status: string }).status, "Provisioning");
    child.stdout.destroy();
    // The next write fails with EPIPE.
    await once(child, "exit");
    assert.equal(await errors, "");
  });

  it("exits with 2 for a cancelled resource, and 3 for a missing one", async () => {
    await send(`${url}/cancel`, "POST");
    const cancelled = afootFollow(url);
    const lines = text(cancelled.stdout);
    assert.deepEqual(await once(cancelled, "exit"), [2, null]);
    assert.match(await lines, /Cancelled: .* \(cancelled\)\n$/);
    const missing = afootFollow(`${server.origin}/api/virtual-machines/none`);
    assert.deepEqual(await once(missing, "exit"), [3, null]);
  });
});
