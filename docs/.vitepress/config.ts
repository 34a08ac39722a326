// Configuration of the site of the documentation: `npm run docs` builds it into docs/.vitepress/dist.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type DefaultTheme } from "vitepress";
import { adaptMarkdown } from "../../scripts/docs/markdown.ts";
import { listPages, readShelves, ROOT, type Shelf, sitePathOf } from "../../scripts/docs/pages.ts";
import { slugify } from "../../scripts/docs/slugify.ts";

const shelves = readShelves(ROOT);
const pages = listPages(shelves);
const descriptions = new Map(pages.map(({ path, description }) => [path, description]));

/** The fields of package.json that the site uses. */
interface Manifest {
  readonly description: string;
  readonly repository?: { readonly url: string };
}
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own file
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const repositoryUrl = manifest.repository?.url.replace(/^git\+/, "").replace(/\.git$/, "");

/** Icon as a data URL, so that browsers request no file for it. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="11" fill="none" stroke="#0f766e" stroke-width="6" stroke-dasharray="52 18"/></svg>',
)}`;

export default defineConfig({
  title: "Afoot",
  description: manifest.description,
  lang: "en",
  srcDir: "..",
  // Only pages of the table, so that a page outside of docs is on the site exactly if the table names it.
  srcExclude: ["bench/**", "data/**", "dist/**", "src/**", "test/**", ".github/**"],
  rewrites: (page) => sitePathOf(page),
  cleanUrls: false,
  ignoreDeadLinks: true,
  head: [["link", { rel: "icon", href: ICON }]],
  markdown: {
    anchor: { slugify },
    config: (md) => {
      adaptMarkdown(md, {
        pages: new Set(["docs/index.md", ...descriptions.keys()]),
        urlOf: (path) => (repositoryUrl === undefined ? undefined : `${repositoryUrl}/blob/main/${path}`),
      });
    },
  },
  transformPageData: ({ filePath }) => {
    const description = descriptions.get(filePath);
    return description === undefined ? {} : { description };
  },
  themeConfig: {
    nav: shelves.map(navItem),
    sidebar: shelves.map((shelf) => sidebarSection(shelf, 0)),
    outline: { level: [2, 3] },
    search: { provider: "local" },
    docFooter: { prev: "Previous page", next: "Next page" },
    ...(repositoryUrl === undefined
      ? {}
      : {
          editLink: { pattern: `${repositoryUrl}/edit/main/:path` },
          socialLinks: [{ icon: "git", link: repositoryUrl, ariaLabel: "Repository" }],
        }),
  },
});

function navItem(shelf: Shelf): DefaultTheme.NavItemWithLink {
  const first = listPages([shelf])[0];
  return { text: shelf.title, link: linkTo(first?.path ?? "docs/index.md") };
}

function sidebarSection({ title, pages: own, groups }: Shelf, depth: number): DefaultTheme.SidebarItem {
  const items = [
    ...own.map(({ title: text, path }) => ({ text, link: linkTo(path) })),
    ...groups.map((group) => sidebarSection(group, depth + 1)),
  ];
  return depth === 0 ? { text: title, items } : { text: title, items, collapsed: true };
}

function linkTo(path: string): string {
  return `/${sitePathOf(path).replace(/(?:index)?\.md$/, "")}`;
}
