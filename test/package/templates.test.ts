import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";
import { send } from "../support/exchange.ts";
import { freePort } from "../support/free-port.ts";
import { buildImage } from "../support/image.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { Consumer, environment, run } from "./consumer.ts";

const execute = promisify(execFile);

const CHOICES = [
  { store: "sqlite", server: "afoot" },
  { store: "sqlite", server: "fastify" },
  { store: "postgres", server: "afoot" },
  { store: "postgres", server: "fastify" },
] as const;

/** Every project that `afoot init` writes, with the package as it would be published. All share one installation. */
describe("the projects that the package writes", { skip: await postgresMissing(), timeout: 290_000 }, () => {
  const consumer = new Consumer();
  const modules = join(consumer.directory, "node_modules");
  let postgres: PostgresServer;
  before(async () => {
    consumer.installPackage();
    consumer.install("zod", "fastify", "pg", "typescript", "@types/node");
    postgres = await startPostgres();
  });
  after(async () => {
    await postgres.remove();
    consumer[Symbol.dispose]();
  });

  for (const choice of CHOICES) {
    it(`with ${choice.store} and ${choice.server}: passes its tests, and serves from its image and by npm start`, () =>
      works(choice));
  }

  async function works({ store, server }: (typeof CHOICES)[number]): Promise<void> {
    const name = `${store}-${server}`;
    const folder = join(consumer.directory, name);
    run(
      process.execPath,
      [join(modules, "afoot/dist/main.js"), "init", name, "--store", store, "--server", server],
      consumer.directory,
    );
    await symlink(modules, join(folder, "node_modules"));
    run("npm", ["test"], folder);
    const database = { AFOOT_STORE: `${postgres.url}?schema=${name.replace("-", "_")}` };
    if (store === "postgres") {
      assert.match(await readFile(join(folder, ".env"), "utf8"), /^AFOOT_STORE=postgres:/);
      await writeFile(join(folder, ".env"), `AFOOT_STORE=${database.AFOOT_STORE}\n`);
    }
    // Starts as its README says, from the folder itself.
    await serves(["npm", "start"], folder, {});
    const root = join(consumer.directory, "images", name);
    await writeFile(join(folder, "package-lock.json"), "{}");
    await mkdir(root, { recursive: true });
    const image = await buildImage(folder, root, { environment, install: `ln -s ${modules} node_modules` });
    const container = { ...image.environment, ...(store === "postgres" ? database : {}) };
    const key = await keyOf(image.folder, container);
    await serves(image.command, image.folder, container, key);
  }

  it("prints the OpenAPI document, with examples", async () => {
    const { stdout, stderr } = await execute("npm", ["run", "--silent", "openapi"], {
      cwd: join(consumer.directory, "sqlite-afoot"),
      env: environment,
    });
    assert.match(stdout, /"\/api\/greeting-cards\/\{id\}"[^]*"Ada"/);
    assert.equal(stderr, "");
  });
});

/** Creates a key for a client, as the README says. */
async function keyOf(cwd: string, container: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await execute("node_modules/.bin/afoot", ["keys", "add", "ann"], {
    cwd,
    env: { ...environment, ...container },
  });
  return stdout.trim();
}

/** Starts a project, brings a card to Written, and stops it. */
async function serves(
  [program = "", ...argv]: readonly string[],
  cwd: string,
  container: NodeJS.ProcessEnv,
  key?: string,
): Promise<void> {
  const port = `${await freePort()}`;
  const env = { ...environment, ...container, PORT: port };
  // A process group of its own, because npm does not forward signals to what its shell runs.
  const child = spawn(program, argv, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const exit = once(child, "exit");
  const output = outputOf(child);
  try {
    const origin = `http://127.0.0.1:${port}`;
    await eventually("the project to serve", async () => {
      assert.equal(child.exitCode, null, output());
      return (await fetch(`${origin}/readyz`).catch(() => undefined))?.ok === true;
    });
    const url = `${origin}/api/greeting-cards`;
    const body = { configuration: { to: "Ada" } };
    if (key !== undefined) assert.equal((await send(url, "POST", body)).status, 401);
    const access: Record<string, string> = key === undefined ? {} : { Authorization: `Bearer ${key}` };
    const card = await send(url, "POST", body, { ...access, Prefer: "wait=30" });
    assert.equal(card.body["text"], "Dear Ada, all the best.", JSON.stringify(card.body));
    assert.equal((await fetch(`${origin}/dashboard`)).status, 200);
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await exit;
  }
}

function outputOf({ stdout, stderr }: ChildProcess): () => string {
  const output: string[] = [];
  for (const stream of [stdout, stderr]) stream?.on("data", (chunk: Buffer) => void output.push(chunk.toString()));
  return () => output.join("");
}
