import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/afoot-process.ts";
import { Consumer, run } from "./consumer.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const execute = promisify(execFile);

async function init(cwd: string, ...argv: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, ["--conditions=@afoot/source", MAIN, "init", ...argv], { cwd });
  return stdout;
}

const FILES = [".gitignore", "README.md", "app.test.ts", "app.ts", "package.json", "tsconfig.json"];

describe("afoot init", () => {
  it("writes a project, and says what comes next", async () => {
    await using folder = await temporaryFolder();
    const output = await init(folder.path, "My Cards!");
    assert.match(output, /^Wrote package\.json, app\.ts, app\.test\.ts/);
    assert.match(output, /\n {2}cd "My Cards!"\n {2}npm install\n {2}npm test\n {2}npm start\n$/);
    assert.deepEqual((await readdir(join(folder.path, "My Cards!"))).toSorted(), FILES);
    const manifest = await readFile(join(folder.path, "My Cards!", "package.json"), "utf8");
    assert.match(manifest, /"name": "my-cards"/);
    for (const name of ["afoot", "zod", "typescript", "@types/node"]) {
      assert.match(manifest, new RegExp(`"${name}": "\\^\\d+\\.`));
    }
  });

  it("writes into the present folder where none is named", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "LICENSE"), "mine");
    assert.doesNotMatch(await init(folder.path), / cd /);
    assert.deepEqual((await readdir(folder.path)).toSorted(), [...FILES, "LICENSE"].toSorted());
  });

  it("overwrites nothing, and writes nothing where it would have to", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "there"));
    await writeFile(join(folder.path, "there/app.ts"), "mine");
    await assert.rejects(init(folder.path, "there"), /there has app\.ts already, and no file is overwritten/);
    assert.deepEqual(await readdir(join(folder.path, "there")), ["app.ts"]);
    assert.equal(await readFile(join(folder.path, "there/app.ts"), "utf8"), "mine");
    await assert.rejects(init(folder.path, "one", "two"), /expected at most one folder, got 2: one two/);
  });
});

describe("a project that the package wrote", () => {
  const consumer = new Consumer();
  const project = join(consumer.directory, "cards");
  before(async () => {
    consumer.installPackage();
    run("npx", ["--no-install", "afoot", "init", "cards"], consumer.directory);
    const tarball = (await readdir(consumer.directory)).find((name) => name.endsWith(".tgz"));
    // The package as it would be published replaces the registry's.
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `../${tarball}`], project);
  });
  after(() => consumer[Symbol.dispose]());

  it("passes its own test", () => run("npm", ["test"], project));

  it("prints its OpenAPI document, with examples", async () => {
    const { stdout, stderr } = await execute("npm", ["run", "--silent", "openapi"], { cwd: project });
    assert.match(stdout, /"\/api\/greeting-cards\/\{id\}"[^]*"Ada"/);
    assert.equal(stderr, "");
  });
});
