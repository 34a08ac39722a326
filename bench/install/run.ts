// Measures what `npm install afoot zod` installs, and the time to import it.
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { type Measure, median, type Round, under } from "../measure.ts";

const ROOT = join(import.meta.dirname, "../..");
const ROUNDS = 5;
const NAME = "npm install afoot zod";
const MAX_MB = 12;
const MAX_PACKAGES = 40;

/** Installs the package as it would be published, and measures size, number of packages and start. */
export async function runInstall({ log }: Bench): Promise<readonly Measure[]> {
  log("install");
  const folder = mkdtempSync(join(tmpdir(), "afoot-install-"));
  try {
    const npm = (cwd: string, ...argv: readonly string[]): void => {
      execFileSync("npm", argv, { cwd, stdio: ["ignore", "ignore", "ignore"] });
    };
    npm(ROOT, "pack", "--ignore-scripts", "--pack-destination", folder);
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`, `zod@${zodVersion()}`);
    const sizes = sizesIn(join(folder, "node_modules"));
    const round = {
      ...sizes,
      startMs: importMs(folder, "afoot"),
      tarballMB: lstatSync(join(folder, tarball)).size / 1e6,
    };
    return [measureOf({ [NAME]: [round], "node, nothing imported": [{ startMs: importMs(folder, "node:path") }] })];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureOf(sides: Readonly<Record<string, readonly Round[]>>): Measure {
  const measure = { name: "installation", compared: "sizeMB", unit: "MB", sides };
  const packages = { ...measure, compared: "packages", unit: "packages" };
  return { ...measure, goals: [under(measure, NAME, MAX_MB), under(packages, NAME, MAX_PACKAGES)] };
}

function zodVersion(): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the format of npm
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string }>;
  };
  return lock.packages["node_modules/zod"]?.version ?? "latest";
}

function sizesIn(folder: string): { readonly sizeMB: number; readonly packages: number } {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const bytes = entries.reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
  const manifests = entries.filter(({ parentPath, name }) => name === "package.json" && isPackage(parentPath));
  return { sizeMB: bytes / 1e6, packages: manifests.length };
}

function isPackage(folder: string): boolean {
  return /node_modules\/(?:@[^/]+\/)?[^/@]+$/.test(folder);
}

function importMs(cwd: string, module: string): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    execFileSync(process.execPath, ["--input-type=module", "--eval", `import ${JSON.stringify(module)}`], { cwd });
    return performance.now() - startedAt;
  });
  return median(times);
}
