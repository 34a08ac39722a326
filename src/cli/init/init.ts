import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { projectFiles } from "./project.ts";
import { ownVersions } from "./versions.ts";

/** Writes a small project that runs and passes its own test. Never overwrites a file. */
export async function init(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: {} });
  const [name = ".", ...others] = positionals;
  if (others.length > 0) {
    throw new DefinitionError(`expected at most one folder, got ${positionals.length}: ${positionals.join(" ")}`);
  }
  const folder = resolve(name);
  const files = projectFiles(packageName(folder), await ownVersions());
  const existing = [...files.keys()].filter((path) => existsSync(join(folder, path)));
  if (existing.length > 0) {
    throw new DefinitionError(
      `${folder} has ${existing.join(", ")} already, and no file is overwritten; choose another folder`,
    );
  }
  await mkdir(folder, { recursive: true });
  // The flag wx also protects files created since the check.
  for (const [path, text] of files) await writeFile(join(folder, path), text, { flag: "wx" });
  process.stdout.write(nextSteps(folder, [...files.keys()]));
  return 0;
}

/** Derives a valid npm package name from the name of the folder. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return name === "" ? "my-api" : name;
}

function nextSteps(folder: string, paths: readonly string[]): string {
  const path = relative(process.cwd(), folder);
  const changeFolder = path === "" ? "" : `  cd ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}\n`;
  return `Wrote ${paths.join(", ")}.\n\n${changeFolder}  npm install\n  npm test\n  npm start\n`;
}
