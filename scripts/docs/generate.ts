// Writes the generated pages of the documentation: `npm run docs:reference`.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { indexedDecisions } from "./decisions.ts";
import { errorCatalogue } from "./errors/catalogue.ts";
import { type Entry, readEntries, referencePages } from "./reference/pages.ts";

/** Returns the text of each generated page by its path, in the format of the repository. */
export function generatedPages(root: string, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const decisions = readFileSync(join(root, "docs/decisions.md"), "utf8");
  const pages = new Map([
    ["docs/errors.md", errorCatalogue()],
    ["docs/decisions.md", indexedDecisions(decisions)],
    ...referencePages(entries),
  ]);
  // The tables of the reference are long: aligned, they would have twice the size.
  return new Map(
    [...pages].map(([path, text]) => [
      path,
      path.includes("/api/") ? `${text.trimEnd()}\n` : formatted(root, path, text),
    ]),
  );
}

function formatted(root: string, path: string, text: string): string {
  const formatter = join(root, "node_modules/oxfmt/bin/oxfmt");
  return execFileSync(process.execPath, [formatter, "--stdin-filepath", path], {
    cwd: root,
    input: text,
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
  });
}

if (process.argv[1] === import.meta.filename) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  for (const [path, text] of generatedPages(root, readEntries(root))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}
