import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { projectFiles } from "./project.ts";
import { ownVersions } from "./versions.ts";

/** Writes a project of a few files that runs and passes its own test. Overwrites nothing. */
export async function init(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: {} });
  const [name = ".", ...more] = positionals;
  if (more.length > 0) {
    throw new DefinitionError(`one folder at most, not ${positionals.length}: ${positionals.join(" ")}`);
  }
  const folder = resolve(name);
  const files = projectFiles(packageName(folder), await ownVersions());
  const present = [...files.keys()].filter((path) => existsSync(join(folder, path)));
  if (present.length > 0) {
    throw new DefinitionError(
      `${folder} has ${present.join(", ")} already, and nothing is overwritten; name another folder`,
    );
  }
  await mkdir(folder, { recursive: true });
  // What has come into being since is not overwritten either.
  for (const [path, text] of files) await writeFile(join(folder, path), text, { flag: "wx" });
  process.stdout.write(written(folder, [...files.keys()]));
  return 0;
}

/** The folder's name as npm takes it. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return name === "" ? "my-api" : name;
}

function written(folder: string, paths: readonly string[]): string {
  const place = relative(process.cwd(), folder);
  const enter = place === "" ? "" : `  cd ${/^[\w./-]+$/.test(place) ? place : JSON.stringify(place)}\n`;
  return `Wrote ${paths.join(", ")}.\n\n${enter}  npm install\n  npm test\n  npm start\n`;
}
