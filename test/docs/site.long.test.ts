import assert from "node:assert/strict";
import { it } from "node:test";
import { listPages, readShelves, sitePathOf } from "../../scripts/docs/pages.ts";
import { violations } from "../support/axe.ts";
import { noChromium, openChromium } from "../support/chromium.ts";
import { buildSite, ROOT, serve } from "./built-site.ts";

it(
  "every page of the documentation passes axe in light and dark mode",
  { skip: noChromium, timeout: 900_000 },
  async () => {
    await using site = await buildSite();
    await using server = await serve(site.folder);
    await using browser = await openChromium();
    const paths = listPages(readShelves(ROOT)).map(({ path }) => sitePathOf(path).replace(/\.md$/, ".html"));
    assert.ok(paths.length > 60, `${paths.length} pages`);
    const inaccessible: string[] = [];
    const page = await browser.newPage({ colorScheme: "light" });
    for (const path of paths) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(`${server.origin}/${path}`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(colorScheme === "dark" ? "html.dark" : "html:not(.dark)").waitFor({ state: "attached" });
        inaccessible.push(...(await violations(page)).map((found) => `${path}, ${colorScheme}: ${found}`));
      }
    }
    assert.deepEqual(inaccessible, []);
  },
);
