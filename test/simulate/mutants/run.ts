// npm run simulate:mutants -- [NAME ...]: plants each fault in a copy of the sources, and simulates until a run finds it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

interface Finding {
  readonly result: "found" | "MISSED" | "DOES NOT APPLY" | "DOES NOT RUN";
  readonly detail: string;
}

function applyPatch(copy: string, patch: string, ...flags: readonly string[]): string | undefined {
  const { status, stderr } = spawnSync("git", ["apply", ...flags, patch], { cwd: copy, encoding: "utf8" });
  return status === 0 ? undefined : stderr.trim();
}

/** Runs the seeds of CI until one breaks a promise. */
function find(copy: string): Finding {
  const script = join(copy, "test/simulate/run.ts");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@afoot/source", script, "--ci", "--stop", "--quiet"],
    { cwd: copy, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  const [, promise] = /^at [\d.]+ s: (.*)$/m.exec(stdout) ?? [];
  const [, seed] = /^seed (\d+) breaks/m.exec(stdout) ?? [];
  if (status === 0) return { result: "MISSED", detail: stdout.trim().split("\n").at(-2) ?? "" };
  if (promise === undefined) return { result: "DOES NOT RUN", detail: stderr.trim().split("\n").slice(0, 5).join(" ") };
  return { result: "found", detail: `seed ${seed}: ${promise.slice(0, 120)}` };
}

const only = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".patch"))
  .map((file) => file.slice(0, -".patch".length))
  .filter((name) => only.length === 0 || only.includes(name));
const copy = mkdtempSync(join(tmpdir(), "afoot-mutants-"));
let found = 0;
try {
  for (const part of ["src", "test/simulate", "test/support", "package.json"]) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const name of names) {
    const patch = join(import.meta.dirname, `${name}.patch`);
    const [description = ""] = readFileSync(patch, "utf8").split("\n");
    const problem = applyPatch(copy, patch);
    const { result, detail } =
      problem === undefined ? find(copy) : { result: "DOES NOT APPLY" as const, detail: problem };
    if (problem === undefined) applyPatch(copy, patch, "--reverse");
    if (result === "found") found++;
    console.log(`${result}: ${name}: ${description}\n    ${detail}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
process.exitCode = found === names.length && names.length > 0 ? 0 : 1;
console.log(`${found} passed, ${names.length - found} failed`);
