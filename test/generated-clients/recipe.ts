import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { WITH_TYPESCRIPT_5 } from "../support/typescript-5.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DOCUMENTED_ORIGIN = "http://127.0.0.1:8080";
const run = promisify(execFile);

/** A section of docs/clients.md about one generator. */
export interface Recipe {
  /** Arguments of the documented `npx` command, the name of the package first. */
  readonly command: readonly string[];
  readonly code: string;
}

export async function readGuide(): Promise<string> {
  return readFile(join(ROOT, "docs/clients.md"), "utf8");
}

/** Returns the recipe under a heading, with the origin of a real server. */
export function readRecipe(guide: string, heading: string, origin: string): Recipe {
  const [, section = ""] = guide.split(`### ${heading}\n`);
  const [, command = ""] = /```sh\nnpx (.*)\n```/.exec(section) ?? assert.fail(`${heading}: no command`);
  const [, code = ""] = /```ts\n(.*?)```/s.exec(section) ?? assert.fail(`${heading}: no code`);
  return {
    command: command.replaceAll(DOCUMENTED_ORIGIN, origin).split(" "),
    code: code.replaceAll(DOCUMENTED_ORIGIN, origin),
  };
}

/** Programs of the generators, without the processes that only start them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "openapi-typescript": "openapi-typescript/bin/cli.js",
  "@hey-api/openapi-ts": "@hey-api/openapi-ts/dist/run.mjs",
  orval: "orval/dist/bin/orval.mjs",
};

/** Runs the documented command in a folder. */
export async function generate({ command: [name = "", ...argv] }: Recipe, folder: string): Promise<void> {
  const program = join(ROOT, "node_modules", PROGRAMS[name] ?? assert.fail(`${name} is unknown`));
  const { stdout } = await run(process.execPath, ["--import", WITH_TYPESCRIPT_5, program, ...argv], { cwd: folder });
  assert.doesNotMatch(stdout, /could not|failed/i);
}

/** Type-checks all files of a folder, with the strictness of an application that uses the generators. */
export async function compile(folder: string): Promise<void> {
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    target: "es2024",
    lib: ["es2024", "dom", "dom.iterable"],
    types: ["node"],
    module: "esnext",
    moduleResolution: "bundler",
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  // A type error rejects, and the error contains the compiler's output.
  await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]);
}
