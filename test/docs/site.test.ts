import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { listPages, readShelves, sitePathOf } from "../../scripts/docs/pages.ts";
import { violations } from "../support/axe.ts";
import { noChromium, openChromium } from "../support/chromium.ts";
import { buildSite, ROOT, serve } from "./built-site.ts";

/** A page of each layout. `site.long.test.ts` visits all pages in both modes. */
const AXE_PAGES = {
  light: ["/", "/work.html", "/state-machine.html", "/protocol.html", "/dashboard.html", "/reference/api/afoot.html"],
  dark: ["/", "/work.html", "/state-machine.html", "/errors.html", "/reference/configuration.html"],
} as const;

const attributesOf = (html: string, name: string): readonly string[] =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => value.replaceAll("&amp;", "&"));

describe("the site of the documentation", { timeout: 300_000 }, () => {
  const pages = listPages(readShelves(ROOT));
  let site: Awaited<ReturnType<typeof buildSite>> | undefined;
  let folder = "";
  /** HTML of every page, by its path on the site. */
  const built = new Map<string, string>();

  before(async () => {
    site = await buildSite();
    ({ folder } = site);
    const files = await readdir(folder, { recursive: true });
    for (const file of files.filter((name) => name.endsWith(".html"))) {
      built.set(`/${file}`, await readFile(join(folder, file), "utf8"));
    }
  });
  after(() => site?.[Symbol.asyncDispose]());

  it("contains every page of the table, with its title and description", () => {
    for (const { path, description } of pages) {
      const html = built.get(`/${sitePathOf(path).replace(/\.md$/, ".html")}`) ?? "";
      assert.match(html, /<title>[^|<]+ \| Afoot<\/title>|<title>Afoot<\/title>/, path);
      assert.ok(html.includes(`<meta name="description" content="${escapeAttribute(description)}">`), path);
    }
  });

  it("has no dead link and no dead anchor", async () => {
    const files = new Set((await readdir(folder, { recursive: true })).map((file) => `/${file}`));
    const anchors = new Map([...built].map(([path, html]) => [path, new Set(attributesOf(html, "id"))]));
    const dead = [...built].flatMap(([page, html]) =>
      [...attributesOf(html, "href"), ...attributesOf(html, "src")]
        .filter((href) => !/^[a-z]+:/.test(href))
        .filter((href) => {
          const { pathname, hash } = new URL(href, `http://host${page}`);
          const target = decodeURI(pathname).replace(/\/$/, "/index.html");
          return (
            !files.has(target) || (hash !== "" && anchors.get(target)?.has(decodeURIComponent(hash.slice(1))) === false)
          );
        })
        .map((href) => `${page}: ${href}`),
    );
    assert.deepEqual(dead, []);
  });

  it("shows diagrams as SVG in the colours of the theme, without a style sheet of another host", () => {
    assert.match(built.get("/state-machine.html") ?? "", /<div class="diagram"[^>]*><svg/);
    for (const [page, html] of built) assert.doesNotMatch(html, /@import|fonts\.googleapis/, page);
  });

  it(
    "asks no other host, passes axe in light and dark mode, searches, and has a page for unknown paths",
    { skip: noChromium },
    async () => {
      await using server = await serve(folder);
      const { origin } = server;
      await using browser = await openChromium();
      const foreign: string[] = [];
      const errors: string[] = [];
      const inaccessible: string[] = [];
      const open = async (options: BrowserContextOptions): Promise<Page> => {
        const page = await browser.newPage(options);
        page.on("request", (request) => {
          if (!request.url().startsWith(origin) && !/^(?:data|blob):/.test(request.url())) foreign.push(request.url());
        });
        page.on("pageerror", (error) => errors.push(String(error)));
        // The page prefetches those that it links to, and a navigation aborts that.
        page.on("requestfailed", (request) => {
          const reason = request.failure()?.errorText;
          if (reason !== "net::ERR_ABORTED") errors.push(`${request.url()}: ${reason}`);
        });
        return page;
      };

      for (const colorScheme of ["light", "dark"] as const) {
        const page = await open({ colorScheme });
        for (const path of AXE_PAGES[colorScheme]) {
          await page.goto(origin + path, { waitUntil: "networkidle" });
          inaccessible.push(...(await violations(page)).map((found) => `${path}, ${colorScheme}: ${found}`));
        }
        await page.close();
      }

      const page = await open({ colorScheme: "light", viewport: { width: 1440, height: 900 } });
      await page.goto(`${origin}/`, { waitUntil: "networkidle" });
      await page.getByRole("button", { name: "Search" }).first().click();
      await page.getByRole("searchbox").fill("tombstone");
      await page.locator(".result", { hasText: "Glossary" }).first().waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("switch", { name: "Appearance" }).first().click();
      await page.locator("html.dark").waitFor({ state: "attached" });

      await page.goto(`${origin}/nowhere.html`, { waitUntil: "networkidle" });
      await page.getByText("404").waitFor();
      assert.deepEqual(inaccessible, []);
      assert.deepEqual(foreign, []);
      assert.deepEqual(errors, []);
    },
  );
});

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
