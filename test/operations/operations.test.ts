import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { followed, send } from "../support/exchange.ts";
import { postgresMissing, startPostgres } from "../support/postgres.ts";
import { consoleBlocks, isShown, type ShownCommand } from "./console-blocks.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const APP = join(import.meta.dirname, "reports-app.ts");
/** Must have the version of the server, which Debian does not package. */
const NOT_RUN = "pg_dump";

it("shows commands in docs/operations.md with their real output", { skip: await missing() }, async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "data"));
  await using postgres = await database();
  const document = await readFile(join(ROOT, "docs/operations.md"), "utf8");
  const blocks = consoleBlocks(document).filter((block) => !block.some(({ command }) => command.includes(NOT_RUN)));
  const [backup, restore, waiting, cancel, retry, undeclared, rows, copy, ...rest] = blocks;
  assert.deepEqual(rest, [], "a block without a step in this test");

  let server: AfootProcess | undefined;
  const serve = async (environment: Readonly<Record<string, string>> = {}): Promise<void> => {
    await server?.stop();
    const quiet = { AFOOT_LOG_LEVEL: "silent", ...environment };
    server = await startAfoot({ app: APP, folder: join(folder.path, "data"), environment: quiet });
  };
  const run = async (block: readonly ShownCommand[] = []): Promise<void> => {
    assert.ok(block.length > 0, "a block is missing");
    for (const { command, output } of block) {
      const localCommand = command
        .replaceAll("http://127.0.0.1:8080", server?.origin ?? "")
        .replaceAll(/postgres:\/\/\S+/g, postgres.url);
      const shownOutput = (await runInShell(localCommand, folder.path))
        .replaceAll(server?.origin ?? "nowhere", "http://127.0.0.1:8080")
        .replaceAll(new URL(postgres.url).host, "db.example.com")
        .replaceAll("db.example.com/postgres", "db.example.com/afoot");
      assert.ok(isShown(output, shownOutput), `$ ${command}\n${shownOutput}\ninstead of\n${output.join("\n")}`);
    }
  };

  await serve();
  await createReport("r-1", { pages: 5, approval: true });
  await createReport("r-2", { pages: 3 });
  await createReport("r-3", { pages: 8, approval: true });
  await followed(`${server?.origin}/api/reports/r-2`);
  await untilWaiting("r-1");
  await untilWaiting("r-3");
  await run(backup);
  await createReport("later", { pages: 1 });
  await server?.stop();
  await run(restore);
  await serve();
  assert.equal((await send(`${server?.origin}/api/reports/later`, "GET")).status, 404);
  await run(waiting);
  await run(cancel);
  await serve({ PRINTER: "fixed" });
  await run(retry);
  await serve({ WITHOUT_REPORTS: "yes" });
  await run(undeclared);
  await run(rows);
  await server?.kill();
  await run(copy);

  async function createReport(id: string, configuration: unknown): Promise<void> {
    const { status, body } = await send(`${server?.origin}/api/reports/${id}`, "PUT", { configuration });
    assert.equal(status, 202, JSON.stringify(body));
  }

  async function untilWaiting(id: string): Promise<void> {
    await eventually(`report ${id} to wait`, async () => {
      const { body } = await send(`${server?.origin}/api/reports/${id}/history`, "GET");
      return JSON.stringify(body).includes('"event":"waiting"');
    });
  }
});

/** Runs a command in a shell in which `afoot` is defined. */
async function runInShell(command: string, cwd: string): Promise<string> {
  const main = join(ROOT, "src/cli/main.ts");
  const prelude = `set -euo pipefail; afoot() { "${process.execPath}" --conditions=@afoot/source "${main}" "$@"; }`;
  const child = spawn("bash", ["-c", `${prelude}\n${command}`], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [, stdout, stderr] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  assert.equal(child.exitCode, 0, `${command}\n${stdout}${stderr}`);
  return stdout;
}

async function database(): Promise<{ readonly url: string } & AsyncDisposable> {
  const { url, remove } = await startPostgres();
  return { url, [Symbol.asyncDispose]: remove };
}

async function missing(): Promise<string | false> {
  if (process.env["CI"] === "true") return false;
  const absent = ["bash", "curl", "sqlite3"].find((name) => spawnSync(name, ["--version"]).error !== undefined);
  return absent === undefined ? postgresMissing() : `${absent} is not on the PATH`;
}
