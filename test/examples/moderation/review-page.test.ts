import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { noChromium, openChromium } from "../../support/chromium.ts";
import { eventually } from "../../support/eventually.ts";
import { send } from "../../support/exchange.ts";

const app = join(import.meta.dirname, "../../../examples/app.ts");
const HOSTILE = `<img src="x" onerror="document.title = 'taken'"> son of a b1tch`;

/** Creates content that needs a review, and resolves once it waits. */
async function createDoubtful(origin: string, id: string, configuration: object): Promise<void> {
  const url = `${origin}/api/moderations/${id}`;
  await send(url, "PUT", { configuration });
  await eventually(`${url} to await its review`, async () => {
    const { body } = await send(url, "GET");
    return body["status"] === "Awaiting review";
  });
}

async function decisionOf(origin: string, id: string): Promise<readonly unknown[]> {
  const { body } = await send(`${origin}/api/moderations/${id}`, "GET", undefined, { Prefer: "wait=10" });
  return [body["status"], body["decidedBy"]];
}

async function violationsOf(page: Page): Promise<unknown> {
  await page.evaluate(await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
  return page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
}

describe("the review page of examples/moderation", { skip: noChromium, timeout: 120_000 }, () => {
  it("works by keyboard, is accessible, and sends requests only to its own server", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app, folder: folder.path });
    await using browser = await openChromium();
    const page = await browser.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await createDoubtful(server.origin, "first", { text: HOSTILE });

    await page.goto(`${server.origin}/review`);
    await page.getByRole("blockquote").getByText(HOSTILE).waitFor();
    assert.deepEqual(await violationsOf(page), []);

    // A decision requires a name: without one, the field gets the focus.
    await page.getByRole("button", { name: "Approve" }).press("Enter");
    await page.locator("input:focus").waitFor();
    await page.keyboard.type("Ada");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page
      .getByRole("status")
      .getByText(`Approved: ${HOSTILE.slice(0, 60)}`)
      .waitFor();
    await page.getByRole("heading", { name: "Nothing waits for review" }).waitFor();
    assert.deepEqual(await decisionOf(server.origin, "first"), ["Approved", "Ada"]);

    // A rejected decision can be repeated.
    await createDoubtful(server.origin, "kept", { text: "kept: b1tch" });
    await page.route("**/decision", (route) => route.fulfill({ status: 503, json: { detail: "Too busy." } }), {
      times: 1,
    });
    const approve = page.getByRole("button", { name: "Approve Awaiting review: kept: b1tch" });
    await approve.press("Enter");
    await page.getByRole("status").getByText("Too busy.").waitFor();
    await approve.press("Enter");
    await page.getByRole("status").getByText("Approved: kept: b1tch").waitFor();
    assert.deepEqual(await decisionOf(server.origin, "kept"), ["Approved", "Ada"]);
    assert.match(errors.splice(0).join("\n"), /503/);

    // New items appear by themselves, and the focus moves to the next item.
    for (const id of ["second", "third"]) await createDoubtful(server.origin, id, { text: `${id}: b1tch` });
    await page.getByRole("heading", { name: "third: b1tch" }).waitFor();
    await page.getByRole("button", { name: "Reject Awaiting review: second: b1tch" }).press("Space");
    await page.getByRole("status").getByText("Rejected: second: b1tch").waitFor();
    assert.deepEqual(await decisionOf(server.origin, "second"), ["Rejected", "Ada"]);
    await page.locator("h2:focus", { hasText: "third: b1tch" }).waitFor();

    assert.notEqual(await page.title(), "taken");
    assert.deepEqual(errors, []);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(`${server.origin}/`) && !url.startsWith("data:")),
      [],
    );
  });
});
