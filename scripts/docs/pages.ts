// Reads docs/index.md, the table of all pages: its headings are shelves and groups, its list items pages.
import { readFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";

/** The root of the repository. Not `import.meta.dirname`, because the bundled configuration of the site is elsewhere. */
export const ROOT = resolve(process.env["npm_config_local_prefix"] ?? process.cwd());

/** Page of the documentation. Its path is relative to the repository. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly description: string;
}

/** Section of the sidebar, with the pages directly below its heading and those of its groups. */
export interface Shelf {
  readonly title: string;
  readonly pages: readonly Page[];
  readonly groups: readonly Shelf[];
}

const ITEM = /^- \[(?<title>[^\]]+)\]\((?<link>[^)]+)\): (?<description>(?:.|\n(?= {2}\S))+)/;

/** Returns the shelves of `docs/index.md`. */
export function readShelves(root: string): readonly Shelf[] {
  const table = readFileSync(join(root, "docs/index.md"), "utf8");
  return sectionsOf(table, "## ").map(({ title, text }) => ({
    title,
    pages: pagesOf(text.split("\n### ")[0] ?? ""),
    groups: sectionsOf(text, "### ").map((group) => ({ title: group.title, pages: pagesOf(group.text), groups: [] })),
  }));
}

/** Returns all pages of the shelves, in the order of the sidebar. */
export function listPages(shelves: readonly Shelf[]): readonly Page[] {
  return shelves.flatMap(({ pages, groups }) => [...pages, ...listPages(groups)]);
}

/** Returns the path of a page on the site: `docs/` is the root of the site, and a README is named after its folder. */
export function sitePathOf(page: string): string {
  if (page === "README.md") return "start/index.md";
  return page
    .replace(/^docs\//, "")
    .replace(/\/README\.md$/, ".md")
    .replace(/^[A-Z]+\.md$/, (name) => `project/${name.toLowerCase()}`);
}

function sectionsOf(text: string, marker: string): readonly { readonly title: string; readonly text: string }[] {
  return text
    .split(`\n${marker}`)
    .slice(1)
    .map((section) => ({ title: section.slice(0, section.indexOf("\n")), text: section }));
}

function pagesOf(text: string): readonly Page[] {
  return text.split(/\n(?=- \[)/).flatMap((item) => {
    const { title, link, description } = ITEM.exec(item)?.groups ?? {};
    if (title === undefined || link === undefined || description === undefined) return [];
    return [{ title, path: posix.join("docs", link), description: description.replaceAll(/\s+/g, " ").trim() }];
  });
}
