import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify, stripVTControlCharacters } from "node:util";
import { temporaryFolder } from "../support/afoot-process.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const execute = promisify(execFile);

async function init(cwd: string, ...argv: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, ["--conditions=@afoot/source", MAIN, "init", ...argv], { cwd });
  return stdout;
}

const FILES = [
  ".dockerignore",
  ".gitignore",
  "Dockerfile",
  "README.md",
  "app.test.ts",
  "app.ts",
  "package.json",
  "tsconfig.json",
];

describe("afoot init", () => {
  it("writes a project, and says what comes next", async () => {
    await using folder = await temporaryFolder();
    const output = await init(folder.path, "My Cards!");
    assert.match(output, /^Wrote package\.json, app\.ts, app\.test\.ts/);
    assert.match(output, /\n {2}cd 'My Cards!'\n {2}npm install\n {2}npm test\n {2}npm start\n$/);
    assert.deepEqual((await readdir(join(folder.path, "My Cards!"))).toSorted(), FILES);
    const manifest = await readFile(join(folder.path, "My Cards!", "package.json"), "utf8");
    assert.match(manifest, /"name": "my-cards"/);
    for (const name of ["afoot", "zod", "typescript", "@types/node"]) {
      assert.match(manifest, new RegExp(`"${name}": "\\^\\d+\\.`));
    }
  });

  it("prints and writes nothing of the folder's name that a shell, a terminal or npm would run", async () => {
    await using folder = await temporaryFolder();
    const name = `--it's $(touch run) \`touch run\` "; \u001B[2J \u009B31m {"`;
    const output = await init(folder.path, "--", name);
    const printed = /\n {2}(cd .*)\n/.exec(output)?.[1] ?? "";
    assert.doesNotMatch(output.replaceAll("\n", ""), /\p{C}/u);
    const [written = ""] = await readdir(folder.path);
    assert.equal(written, name);
    await rename(join(folder.path, written), join(folder.path, name.replaceAll(/\p{C}+/gu, " ")));
    const { stdout } = await execute("bash", ["-c", `${printed} && cat package.json`], { cwd: folder.path });
    assert.match(stdout, /"name": "it-s-touch-run-touch-run-2j-31m"/);
    assert.equal((await readdir(folder.path)).length, 1);
  });

  it("writes into the present folder where none is named", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "LICENSE"), "mine");
    assert.match(await init(folder.path, "--help"), /^Usage:\n {2}afoot init \[folder\] .+\n.+\n$/);
    assert.deepEqual(await readdir(folder.path), ["LICENSE"]);
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
    // Writing through a link would create or change a file elsewhere.
    await mkdir(join(folder.path, "linked"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, "linked/Dockerfile"));
    await assert.rejects(init(folder.path, "linked"), /linked has Dockerfile already, and no file is overwritten/);
    assert.deepEqual(await readdir(join(folder.path, "linked")), ["Dockerfile"]);
    assert.ok(!(await readdir(folder.path)).includes("elsewhere"));
  });

  it("asks in a terminal for what the flags leave open, and again after an answer that is no choice", async () => {
    await using folder = await temporaryFolder();
    const command = `${process.execPath} --conditions=@afoot/source ${MAIN} init --server fastify`;
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], { cwd: folder.path });
    let output = "";
    // Since the last answer: a terminal may add invisible characters to a question later.
    let unanswered = "";
    const answers = ["cards", "nothing", "2"];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      unanswered += text;
      if (!stripVTControlCharacters(unanswered).endsWith("): ")) return;
      unanswered = "";
      child.stdin.write(`${answers.shift() ?? ""}\n`);
    });
    assert.deepEqual(await once(child, "exit"), [0, null], output);
    assert.deepEqual(answers, []);
    assert.equal(output.match(/Store of the resources/g)?.length, 2, output);
    assert.doesNotMatch(output, /Server of the API/);
    const manifest = await readFile(join(folder.path, "cards/package.json"), "utf8");
    assert.match(manifest, /"fastify": [^]*"pg": /);
  });
});
