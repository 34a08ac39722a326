import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { noChromium, openChromium } from "../support/chromium.ts";
import { type Fixture, noNginx, startFixture } from "./fixture.ts";

/** Opens a tab that records failed requests, requests that bypass the proxy, and errors. */
async function openPage(fixture: Fixture, path: string, use: (page: Page) => Promise<void>): Promise<void> {
  await using browser = await openChromium();
  const page = await browser.newPage({ locale: "en" });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${fixture.url}/`) && !/^(?:data|blob):/.test(url)) problems.push(`requested ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(fixture.url + path);
  await use(page);
  assert.deepEqual(problems, []);
}

describe(
  "pages behind a proxy that removes a path prefix",
  { skip: noNginx === false ? noChromium : noNginx, timeout: 120_000 },
  () => {
    it("create and follow a resource in the dashboard", async () => {
      await using fixture = await startFixture();
      await openPage(fixture, "/dashboard", async (page) => {
        await page
          .getByRole("link", { name: /^New|Create/ })
          .first()
          .click();
        await page.getByLabel("title", { exact: false }).fill("Costs");
        await page.getByRole("button", { name: /^Create/ }).click();
        await page.locator(".page-head .badge-text", { hasText: /^Ready$/ }).waitFor();
        assert.match(page.url(), /\/svc\/dashboard\/resources\/reports\/[0-9a-z]+$/);
        // A deep link loads its assets too.
        await page.reload();
        await page.locator(".page-head .badge-text", { hasText: /^Ready$/ }).waitFor();
        await page.getByRole("link", { name: "Overview" }).click();
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.getByRole("link", { name: "Resources" }).click();
        await page.locator("tbody tr:nth-child(1)").waitFor();
        const created = await fetch(`${fixture.url}/api/reports`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ configuration: { title: "Live" } }),
        });
        assert.equal(created.status, 202);
        await page.locator("tbody tr:nth-child(2)").waitFor();
      });
    });

    it("show the reference", async () => {
      await using fixture = await startFixture();
      await openPage(fixture, "/docs", async (page) => {
        await page.getByText("Creates a new report").first().click();
        await page.getByText("Retrieves the status and details of a report").first().waitFor();
        assert.equal(page.url().startsWith(`${fixture.url}/docs/`), true);
      });
    });
  },
);
