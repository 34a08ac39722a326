import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";

const run = promisify(execFile);
const PAGE = resolve(import.meta.dirname, "../../docs/transactions.md");

describe("docs/transactions.md", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  let folder = "";
  before(async () => {
    server = await startPostgres();
    // Below the package, so that its name resolves to its sources.
    folder = await mkdtemp(join(import.meta.dirname, "docs-"));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await server.remove();
  });

  it("has a program that runs", async () => {
    const [, program = ""] = /```ts\n(.*?)```/s.exec(await readFile(PAGE, "utf8")) ?? [];
    await writeFile(join(folder, "program.ts"), program);
    const argv = ["--conditions=@afoot/source", "program.ts"];
    const env = { ...process.env, DATABASE_URL: server.url };
    const { stdout } = await run(process.execPath, argv, { cwd: folder, env });
    assert.equal(stdout, "/files/2026-01.csv\n");
  });
});
