import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { violations } from "../support/axe.ts";
import { noChromium } from "../support/chromium.ts";
import { openFixture, type Fixture } from "./fixture.ts";
import { create, MACHINE, only, settled, shows } from "./steps.ts";

describe("the accessibility of the dashboard", { skip: noChromium, timeout: 120_000 }, () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await openFixture({ pace: "0.05" });
  });
  after(() => fixture[Symbol.asyncDispose]());

  it("passes axe in light and dark mode, on desktop and phone", async () => {
    const id = await create(fixture, "virtual-machines", { ...MACHINE.configuration, note: "no host" });
    await settled(fixture, `virtual-machines/${id}`);
    const waiting = await create(fixture, "moderations", { text: "wait" });
    const pages = [
      ["", "table"],
      ["?text=nowhere-at-all", ".notice"],
      [`/resources/virtual-machines/${id}`, ".chart"],
      [`/resources/moderations/${waiting}`, ".chart"],
      ["/new/virtual-machines", "form"],
      ["/overview", "svg[role=img]"],
      ["/nowhere", ".notice"],
    ] as const;
    // Pages that do not depend on width or colours are checked once.
    const views = [
      [{}, pages],
      [{ isDark: true }, pages.slice(2, 6)],
      [{ width: 360, height: 740 }, [pages[0], ...pages.slice(3, 6)]],
    ] as const;
    for (const [options, checkViews] of views) {
      const page = await fixture.open("", options);
      for (const [path, ready] of checkViews) {
        await page.goto(`${fixture.origin}/dashboard${path}`);
        await page.locator(ready).first().waitFor();
        assert.deepEqual(await violations(page), [], `${path} ${JSON.stringify(options)}`);
        const overflow = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        assert.equal(overflow, 0, `${path} is wider than ${JSON.stringify(options)}`);
      }
      await page.close();
    }
    const page = await fixture.open(`/resources/virtual-machines/${id}`, { isDark: true });
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(page), []);
  });

  it("can be used by keyboard alone", async () => {
    const id = await create(fixture, "moderations", { text: "by keys" });
    const page = await fixture.open();
    await page.getByRole("link", { name: id }).waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo(page, "Search");
    await page.keyboard.type("by keys");
    await only(page, 1);
    await tabTo(page, id);
    await page.keyboard.press("Enter");
    await page.waitForURL(/resources\/moderations/);
    assert.equal(await focused(page), id, "a navigation focuses the heading");
    await tabTo(page, "Cancel");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focused(page), "Cancel", "a closed dialog restores the focus");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, "Cancel operation");
    await page.keyboard.press("Enter");
    await shows(page, "Cancelled");
    // Announced to screen readers.
    await page.getByRole("status").getByText("Status: Cancelled").waitFor({ state: "attached" });
  });
});

/** Returns the name of the focused element. */
async function focused(page: Page): Promise<string> {
  return page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()");
}

/** Presses Tab until the named element has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  await page.getByText(name, { exact: true }).first().waitFor();
  for (let steps = 0; steps < 30; steps++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  assert.fail(`${name} was never focused`);
}
