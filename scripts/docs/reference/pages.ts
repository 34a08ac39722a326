// Makes the pages of docs/reference/api: one for each entry point of package.json, and their index.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type ts from "typescript-5.9";
import { createProgram, type Declared, declaredOf, exportsOf } from "./declarations.ts";
import { INTRODUCTIONS } from "./entries.ts";
import { type Locate, renderEntry } from "./render.ts";

const FOLDER = "docs/reference/api";

/** Entry point of the package with its declarations. */
export interface Entry {
  readonly specifier: string;
  readonly path: string;
  readonly exported: readonly Declared[];
  /** Types that the exports name, directly or through others, and that no entry point exports. */
  readonly related: readonly Declared[];
}

/** Reads all entry points of the package. */
export function readEntries(root: string): readonly Entry[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own file
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  const sources = Object.entries(manifest.exports).flatMap(([subpath, conditions]) => {
    const source = typeof conditions === "string" ? undefined : conditions["@afoot/source"];
    return source === undefined ? [] : [{ subpath, source: posix.normalize(source) }];
  });
  const program = createProgram(
    root,
    sources.map(({ source }) => source),
  );
  const entries = sources.map(({ subpath, source }) => {
    const specifier = posix.join("afoot", subpath);
    const path = `${FOLDER}/${subpath === "." ? "afoot" : subpath.slice("./".length).replaceAll("/", "-")}.md`;
    return { specifier, path, exported: exportsOf(program, join(root, source)) };
  });
  const known = new Set(entries.flatMap(({ exported }) => exported.map(({ symbol }) => symbol)));
  return entries.map((entry) => ({ ...entry, related: relatedTo(program.getTypeChecker(), entry.exported, known) }));
}

/** Types of messages between parts, and of documents, are described where they are exported, and not followed further. */
const UNFOLLOWED = /\/src\/(?:core\/ports|server\/openapi|core\/definition\/names)/;

/** Follows references to types. Marks each found type as known, so that it is described once. */
function relatedTo(checker: ts.TypeChecker, exported: readonly Declared[], known: Set<ts.Symbol>): readonly Declared[] {
  const related: Declared[] = [];
  for (const { references } of [...exported, ...related]) {
    follow(references);
  }
  return related.toSorted((one, other) => one.name.localeCompare(other.name));

  function follow(references: readonly ts.Symbol[]): void {
    for (const symbol of references) {
      const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
      if (known.has(symbol) || UNFOLLOWED.test(file)) continue;
      known.add(symbol);
      const declared = declaredOf(checker, symbol);
      related.push(declared);
      follow(declared.references);
    }
  }
}

/** Returns the text of each page by its path. */
export function referencePages(entries: readonly Entry[]): readonly (readonly [path: string, text: string])[] {
  const pages = entries.map((entry) => {
    const introduction = INTRODUCTIONS[entry.specifier];
    if (introduction === undefined) throw new Error(`scripts/docs/reference/entries.ts lacks ${entry.specifier}`);
    return [entry.path, renderEntry({ ...entry, ...introduction }, locateFrom(entry, entries))] as const;
  });
  return [[`${FOLDER}/index.md`, indexOf(entries)], ...pages];
}

/** An export of the same page is linked first, then the first page with the type. */
function locateFrom(from: Entry, entries: readonly Entry[]): Locate {
  return (symbol) => {
    for (const { path, exported, related } of [from, ...entries]) {
      const found = [...exported, ...related].find((each) => each.symbol === symbol);
      const page = path === from.path ? "" : posix.basename(path);
      if (found !== undefined) return { link: `${page}#${found.name.toLowerCase()}`, name: found.name };
    }
    return undefined;
  };
}

function indexOf(entries: readonly Entry[]): string {
  return [
    "# API reference",
    "",
    "Every export of every entry point of the package, with options, defaults and errors. Times are in milliseconds (`...Ms`),",
    "sizes in bytes or characters as stated. `npm run docs:reference` makes these pages from the sources.",
    "",
    ...entries.flatMap(({ specifier, path, exported }) => [
      `## ${specifier}`,
      "",
      `${INTRODUCTIONS[specifier]?.summary ?? ""} [Reference](${posix.basename(path)})`,
      "",
      exported.map(({ name }) => `[\`${name}\`](${posix.basename(path)}#${name.toLowerCase()})`).join(", "),
      "",
    ]),
    "",
  ].join("\n");
}
