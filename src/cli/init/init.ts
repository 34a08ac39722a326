import { lstatSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { DefinitionError } from "../../core/errors.ts";
import { printable } from "../printable.ts";
import { askForChoices, type Choices, requestedChoices, withDefaults } from "./choices.ts";
import { projectFiles } from "./project.ts";
import { ownVersions } from "./versions.ts";

/** Writes a small project that runs and passes its own tests. In a terminal, asks for what flags leave open. Never overwrites a file. */
export async function init(argv: readonly string[]): Promise<number> {
  const choices = await choose(argv);
  const folder = resolve(choices.folder);
  const files = projectFiles({ ...choices, name: packageName(folder) }, await ownVersions());
  // A link that leads nowhere exists too.
  const isThere = (path: string): boolean => lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined;
  const existing = [...files.keys()].filter(isThere);
  if (existing.length > 0) {
    throw new DefinitionError(
      `${folder} has ${existing.join(", ")} already, and no file is overwritten; choose another folder`,
    );
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // The flag wx also protects files created since the check.
    await writeFile(join(folder, path), text, { flag: "wx" });
  }
  process.stdout.write(nextSteps(choices, [...files.keys()]));
  return 0;
}

async function choose(argv: readonly string[]): Promise<Choices> {
  const requested = requestedChoices(argv);
  const isComplete = requested.store !== undefined && requested.server !== undefined && requested.folder !== undefined;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (requested.isQuiet || isComplete || !isTerminal) return withDefaults(requested);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await askForChoices(requested, terminal);
  } finally {
    terminal.close();
  }
}

/** Derives a valid npm package name from the name of the folder. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return name === "" ? "my-api" : name;
}

/** Quotes a path for a shell, which expands nothing between single quotes, and reads a leading hyphen as a flag. */
function shellWord(path: string): string {
  const word = printable(path.startsWith("-") ? `./${path}` : path);
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function nextSteps({ folder, store }: Choices, paths: readonly string[]): string {
  const path = relative(process.cwd(), resolve(folder));
  const changeFolder = path === "" ? "" : `  cd ${shellWord(path)}\n`;
  const database = store === "postgres" ? "  docker compose up --detach --wait\n" : "";
  return `Wrote ${paths.join(", ")}.\n\n${changeFolder}  npm install\n  npm test\n${database}  npm start\n`;
}
