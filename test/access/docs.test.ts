import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { startAfoot } from "../support/afoot-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const MAIN = join(ROOT, "src/cli/main.ts");
const run = promisify(execFile);

/** The application around the examples: its users and its invoices. */
const BUSINESS = `
const USERS = [{ id: "ann", tenant: "tenant-1", locale: "de" }, { id: "bob", tenant: "tenant-2", locale: "en" }];
const TOTALS: Readonly<Record<string, number>> = { "tenant-1": 10, "tenant-2": 2000 };

export async function userOf(token: string | undefined) {
  return USERS.find(({ id }) => id === token);
}

export async function totalOf(tenant: string, month: string): Promise<number> {
  return month === "2026-01" ? (TOTALS[tenant] ?? 0) : 0;
}
`;

describe("the examples of docs/access.md", () => {
  let folder = "";
  let app = "";
  let commands: readonly string[] = [];
  before(async () => {
    const guide = await readFile(join(ROOT, "docs/access.md"), "utf8");
    const blocks = (language: string): string[] =>
      [...guide.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, code = ""]) => code);
    const [appBlock = "", policyBlock = "", callsBlock = "", mistakeBlock = "", workBlock = ""] = blocks("ts");
    app = appBlock;
    commands = blocks("sh");
    // Below the package, so that its name resolves to its sources.
    folder = await mkdtemp(join(import.meta.dirname, "docs-"));
    await writeFile(join(folder, "app.ts"), app);
    await writeFile(join(folder, "calls.ts"), callsBlock);
    await writeFile(join(folder, "policy.ts"), policyBlock);
    await writeFile(join(folder, "business.ts"), BUSINESS);
    await writeFile(join(folder, "mistake.ts"), mistakeBlock);
    await writeFile(join(folder, "invoices.ts"), workBlock);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("act for a principal inside the process", async () => {
    const program = `
      import { sqliteStore } from "afoot/stores/sqlite";
      import app from "./app.ts";
      await app.start({ store: sqliteStore({ path: "calls.db" }) });
      await import("./calls.ts");
      console.log((await Array.fromAsync(app.databases.list({ owner: "team-1" }))).length);
      await app.close();
    `;
    await writeFile(join(folder, "run-calls.ts"), program);
    const argv = ["--conditions=@afoot/source", "run-calls.ts"];
    const { stdout } = await run(process.execPath, argv, { cwd: folder });
    assert.match(stdout, /^\w+\n2\n$/);
  });

  it("decide by what is asked", async () => {
    const program = `
      import { createApp } from "afoot";
      import { sqliteStore } from "afoot/stores/sqlite";
      import guide from "./app.ts";
      import { authorize } from "./policy.ts";
      const app = createApp({ resources: guide.types, authorize });
      await app.start({ store: sqliteStore({ path: "policy.db" }) });
      const { databases } = app.as({ id: "gus", owner: "guests" });
      const password = "correct horse";
      const codeOf = (call) => call.then(() => "done", ({ code }) => code);
      const database = await databases.create({ size: "small", password });
      await database.settled();
      console.log(JSON.stringify([
        await codeOf(databases.create({ size: "huge", password })),
        await codeOf(database.update({ size: "huge" })),
        await codeOf(database.update({ size: "medium" }).then(() => database.settled())),
        await codeOf(database.delete()),
      ]));
      await app.close();
    `;
    await writeFile(join(folder, "run-policy.mjs"), program);
    const argv = ["--conditions=@afoot/source", "run-policy.mjs"];
    const { stdout } = await run(process.execPath, argv, { cwd: folder });
    assert.deepEqual(JSON.parse(stdout), ["forbidden", "forbidden", "done", "forbidden"]);
  });

  it("read another tenant's invoices by mistake, and not with the owner", async () => {
    const program = `
      import { sqliteStore } from "afoot/stores/sqlite";
      import mistake from "./mistake.ts";
      import right from "./invoices.ts";
      const exported = async (app, file, configuration) => {
        await app.start({ store: sqliteStore({ path: file }) });
        const made = await app.fetch(new Request("http://localhost/api/invoice-exports", {
          method: "POST",
          headers: { authorization: "ann", "content-type": "application/json", prefer: "wait=10" },
          body: JSON.stringify({ configuration }),
        }));
        const { status, total, title } = await made.json();
        await app.close();
        return { status, total, title };
      };
      console.log(JSON.stringify([
        await exported(mistake, "mistake.db", { tenantId: "tenant-2", month: "2026-01" }),
        await exported(right, "right.db", { month: "2026-01" }),
      ]));
    `;
    await writeFile(join(folder, "run-invoices.mjs"), program);
    const argv = ["--conditions=@afoot/source", "run-invoices.mjs"];
    const { stdout } = await run(process.execPath, argv, { cwd: folder });
    assert.deepEqual(JSON.parse(stdout), [
      { status: "Ready", total: 2000 },
      { status: "Ready", total: 10, title: "Rechnungen" },
    ]);
  });

  it("respond as documented, with the flag alone and with the app's own code", async () => {
    const [make = "", start = "", use = ""] = commands;
    const keys = join(folder, "keys.json");
    const afoot = `afoot() { '${process.execPath}' --conditions=@afoot/source '${MAIN}' "$@" 2>/dev/null; }\n`;
    const made = await run("sh", ["-ec", `${afoot}${make}echo "$KEY $OPS"`], { cwd: folder });
    const [KEY = "", OPS = ""] = made.stdout.trim().split(" ");
    assert.match(start, /^afoot start app\.ts --keys keys\.json/);
    const promised = [...use.matchAll(/# (\d+)$/gm)].map(([, status]) => status);
    assert.equal(promised.length, 5);

    const plain = app
      .replace(/\n {2}authenticate: firstOf\([^]*?\n {2}\),/, "")
      .replace(/^import .*credentials.*$/m, "");
    assert.doesNotMatch(plain, /apiKeys/);
    const own = app.replace('"keys.json"', JSON.stringify(keys));
    for (const [name, text, flags] of [
      ["plain.ts", plain, ["--keys", keys, "--host", "0.0.0.0"]],
      ["own.ts", own, ["--host", "0.0.0.0"]],
    ] as const) {
      await writeFile(join(folder, name), text);
      await using server = await startAfoot({ app: join(folder, name), folder, flags });
      const origin = server.origin.replace("0.0.0.0", "127.0.0.1");
      const script = use.replaceAll("http://127.0.0.1:8080", origin);
      const { stdout } = await run("sh", ["-ec", script], { env: { ...process.env, KEY, OPS } });
      assert.deepEqual(stdout.trim().split("\n"), promised, name);
    }
  });
});
