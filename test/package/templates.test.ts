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
import { parseObject } from "../support/json.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { Consumer, environment, packPackage, run } from "./consumer.ts";

const execute = promisify(execFile);

const CHOICES = [
  { store: "sqlite", server: "afoot" },
  { store: "sqlite", server: "fastify" },
  { store: "postgres", server: "afoot" },
  { store: "postgres", server: "fastify" },
] as const;

const PACKAGES = ["zod", "fastify", "pg", "typescript", "@types/node"];

/** Every project that `npm create afoot` writes, with the packages as they would be published. All share one installation. */
describe("the projects that the packages write", { skip: await postgresMissing(), timeout: 290_000 }, () => {
  const consumer = new Consumer();
  const { directory } = consumer;
  const modules = join(directory, "node_modules");
  let postgres: PostgresServer;
  let key: { readonly text: string; readonly file: string } | undefined;
  before(async () => {
    consumer.installPackage(`./${packPackage(directory, "packages/create-afoot")}`, ...PACKAGES);
    for (const [index, { store, server }] of CHOICES.entries()) {
      const choices = [`${store}-${server}`, "--store", store, "--server", server];
      // npm finds the package in the folder, in place of the registry. Without npm, the others take less time.
      if (index === 0) run("npm", ["create", "--offline", "afoot", "--", ...choices], directory);
      else run(process.execPath, [join(modules, "create-afoot/create-afoot.mjs"), ...choices], directory);
      await symlink(modules, join(directory, `${store}-${server}`, "node_modules"));
    }
    postgres = await startPostgres();
  });
  after(async () => {
    await postgres.remove();
    consumer[Symbol.dispose]();
  });

  it("pass their tests", async () => {
    const [first = "", ...others] = CHOICES.map(({ store, server }) => join(directory, `${store}-${server}`));
    run("npm", ["test"], first);
    // Work, tests and options of the compiler are the same in all of them, so that one run of the compiler checks the servers.
    for (const name of ["app.ts", "app.test.ts", "tsconfig.json"]) {
      const expected = await readFile(join(first, name), "utf8");
      for (const folder of others) assert.equal(await readFile(join(folder, name), "utf8"), expected);
    }
    consumer.write("tsconfig.json", JSON.stringify({ extends: `${first}/tsconfig.json`, include: ["*/*.ts"] }));
    run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", directory], directory);
  });

  for (const choice of CHOICES) {
    it(`with ${choice.store} and ${choice.server}: serves by its start script and from its image`, () => works(choice));
  }

  async function works({ store, server }: (typeof CHOICES)[number]): Promise<void> {
    const name = `${store}-${server}`;
    const folder = join(directory, name);
    const database = { AFOOT_STORE: `${postgres.url}?schema=${name.replace("-", "_")}` };
    if (store === "postgres") {
      assert.match(await readFile(join(folder, ".env"), "utf8"), /^AFOOT_STORE=postgres:/);
      await writeFile(join(folder, ".env"), `AFOOT_STORE=${database.AFOOT_STORE}\n`);
    }
    // Starts as its README says, from the folder itself, without the overhead of `npm start`.
    await serves([process.execPath, "--run", "start"], folder, {});
    const root = join(directory, "images", name);
    await writeFile(join(folder, "package-lock.json"), "{}");
    await mkdir(root, { recursive: true });
    const image = await buildImage(folder, root, { environment, install: `ln -s ${modules} node_modules` });
    const container = { ...image.environment, ...(store === "postgres" ? database : {}) };
    key ??= await keyOf(image.folder, container);
    await writeFile(join(image.folder, "data/keys.json"), key.file);
    await serves(image.command, image.folder, container, key.text);
  }

  it("print the OpenAPI document, with examples", async () => {
    const { stdout, stderr } = await execute(process.execPath, ["--run", "openapi"], {
      cwd: join(directory, "sqlite-afoot"),
      env: environment,
    });
    assert.match(stdout, /"\/api\/greeting-cards\/\{id\}"[^]*"Ada"/);
    assert.equal(stderr, "");
  });

  it("come from a package of the same version", async () => {
    const [own, creator] = await Promise.all(
      ["package.json", "packages/create-afoot/package.json"].map(async (path) =>
        parseObject(await readFile(new URL(`../../${path}`, import.meta.url), "utf8")),
      ),
    );
    assert.deepEqual(
      [creator?.["version"], creator?.["dependencies"]],
      [own?.["version"], { afoot: own?.["version"] }],
    );
  });
});

/** Creates a key for a client, as the README says. */
async function keyOf(cwd: string, container: NodeJS.ProcessEnv): Promise<{ text: string; file: string }> {
  const { stdout } = await execute("node_modules/.bin/afoot", ["keys", "add", "ann"], {
    cwd,
    env: { ...environment, ...container },
  });
  return { text: stdout.trim(), file: await readFile(join(cwd, "data/keys.json"), "utf8") };
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
  // A process group of its own, because a shell does not forward signals to what it runs.
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
