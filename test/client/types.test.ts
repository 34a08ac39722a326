import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../..");

/** The strictest compiler options. `es2024` is the newest library that this compiler knows by year. */
const FLAGS = [
  "--noEmit",
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--noPropertyAccessFromIndexSignature",
  "--module",
  "nodenext",
  "--target",
  "es2024",
  "--lib",
  "es2024,esnext",
  "--types",
  "node",
  "--allowImportingTsExtensions",
  "--customConditions",
  "@afoot/source",
];

test("the client's type tests pass with TypeScript 5.9 too", () => {
  const compiler = resolve(ROOT, "node_modules/typescript-5.9/bin/tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, ...FLAGS, "src/client/client.test-d.ts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
});
