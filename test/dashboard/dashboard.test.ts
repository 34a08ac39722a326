import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { noChromium } from "../support/chromium.ts";
import { openFixture, type Fixture } from "./fixture.ts";
import { confirm, create, MACHINE, only, settled, shows } from "./steps.ts";

describe("the dashboard, in a browser", { skip: noChromium, timeout: 120_000 }, () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await openFixture({ pace: "0.05" });
  });
  after(() => fixture[Symbol.asyncDispose]());

  it("shows new resources and their progress without a reload", async () => {
    const page = await fixture.open();
    await page.getByText("No resources yet.").or(page.getByRole("table")).first().waitFor();
    await page.evaluate("window.mark = 1");
    await page.getByText("Live", { exact: true }).waitFor();
    const id = await create(fixture, "moderations", { text: "Is this seen at once?" });
    const row = page.getByRole("row", { name: id });
    await row.getByText("Waiting for a moderator").waitFor();
    await row.getByRole("progressbar").waitFor();
    await row.getByText("waiting for verdict").waitFor();
    await fixture.request("POST", `/api/moderations/${id}/verdict`, { approved: true, by: "Ada" });
    await row.getByText("Published").waitFor();
    await row.getByText(/^took/).waitFor();
    assert.equal(await page.evaluate("window.mark"), 1);
  });

  it("filters by type, status and text, and pages through the results", async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      create(fixture, "moderations", { text: `number ${index} of many` }),
    );
    await Promise.all(many);
    const pearl = await create(fixture, "virtual-machines", { ...MACHINE.configuration, note: "a Pearl among them" });
    await create(fixture, "moderations", { text: "the newest" });
    const page = await fixture.open();
    const rows = page.getByRole("table").getByRole("row");
    const links = page.getByRole("table").getByRole("link");
    await links.nth(49).waitFor();
    assert.equal(await links.count(), 50);
    await page.getByRole("button", { name: "Older" }).click();
    await page.waitForURL(/after=/);
    await page.getByRole("button", { name: "Newer" }).click();
    await page.waitForURL((url) => url.search === "");
    await page.getByRole("button", { name: "Older" }).click();
    await page.waitForURL(/after=/);
    await page.getByRole("button", { name: "Newest" }).click();
    await page.waitForURL((url) => url.search === "");

    await page.getByLabel("Search").fill("pearl");
    await page.getByRole("link", { name: pearl }).waitFor();
    await only(page, 1);
    assert.match(page.url(), /text=pearl/);
    await page.getByLabel("Search").fill(pearl.slice(0, 12));
    await page.getByRole("link", { name: pearl }).waitFor();
    await page.getByLabel("Search").fill("found nowhere");
    await page.getByText("No matches.").waitFor();
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await rows.nth(40).waitFor();

    await page.getByLabel("Type").selectOption("Virtual machine");
    await only(page, 1);
    await page.getByLabel("Status").selectOption("Cancelled");
    await page.getByText("No matches.").waitFor();
    assert.match(page.url(), /type=virtual-machines&status=Cancelled/);
    await page.goBack();
    await page.getByRole("link", { name: pearl }).waitFor();
  });

  it("creates a resource with a generated form, and shows the server's validation errors", async () => {
    const page = await fixture.open("/new/virtual-machines");
    await page.getByLabel("Ram").fill("much");
    await page.getByRole("button", { name: "Create" }).click();
    const errors = page.getByRole("alert");
    await errors.getByText("ram").waitFor();
    await errors.getByText("storage Required.").waitFor();
    await page.locator("[role=alert]:focus").waitFor();
    assert.equal(await page.getByLabel("Ram").getAttribute("aria-invalid"), "true");
    assert.equal(await page.getByLabel("Os").getAttribute("aria-invalid"), "true");

    await page.getByLabel("Os").selectOption("FreeBSD");
    await page.getByLabel("Ram").fill("16GB");
    await page.getByLabel("Storage").fill("256GB SSD");
    await page.getByLabel("Back it up every night").check();
    await page.getByRole("button", { name: "Add to Disks" }).click();
    await page.getByLabel("Name").fill("data");
    await page.getByLabel("Size").fill("100");
    await page.getByRole("button", { name: "Create" }).click();
    await page.waitForURL(/resources\/virtual-machines\//);
    await shows(page, "Ready");
    await page.getByText("192.168.1.10", { exact: true }).waitFor();
    for (const step of ["reserve-address", "wait-for-host", "allocate-disk", "copy-image", "boot"]) {
      await page.getByRole("rowheader", { name: step }).waitFor();
    }
    const id = new URL(page.url()).pathname.split("/").at(-1);
    const { json } = await fixture.request("GET", `/api/virtual-machines/${id}`);
    assert.deepEqual(json["configuration"], {
      os: "FreeBSD",
      ram: "16GB",
      storage: "256GB SSD",
      isBackedUp: true,
      disks: [{ name: "data", size: 100 }],
    });
    assert.match(await page.title(), new RegExp(`^${id} · Afoot$`));
  });

  it("runs an action with input, rejects an outdated edit, and deletes", async () => {
    const id = await create(fixture, "virtual-machines", MACHINE.configuration);
    await settled(fixture, `virtual-machines/${id}`);
    const page = await fixture.open(`/resources/virtual-machines/${id}`);
    await shows(page, "Ready");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Stop", exact: true }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Reason").fill("not needed any more");
    await dialog.getByRole("button", { name: "Stop", exact: true }).click();
    await shows(page, "Stopped");
    await confirm(page, "Start", "Start");
    await shows(page, "Ready");

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Ram").fill("32GB");
    // Another client changes the resource first.
    await fixture.request("PATCH", `/api/virtual-machines/${id}`, { configuration: { note: "mine" } });
    await settled(fixture, `virtual-machines/${id}`);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByLabel("Note").waitFor();
    await page.locator('input[value="mine"]').waitFor();
    await page.getByLabel("Ram").fill("32GB");
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL(/resources/);
    await page.getByText("32GB", { exact: true }).waitFor();
    await settled(fixture, `virtual-machines/${id}`);
    await shows(page, "Ready");

    await confirm(page, "Delete", "Delete resource");
    await page.getByText("This resource was deleted.").waitFor();
    assert.equal((await fixture.request("GET", `/api/virtual-machines/${id}`)).status, 404);
  });

  it("shows the reason of a failure, cancels, retries, and sends messages", async () => {
    const failing = await create(fixture, "virtual-machines", { ...MACHINE.configuration, note: "no host" });
    const page = await fixture.open(`/resources/virtual-machines/${failing}`);
    await shows(page, "Failed");
    await page.locator(".callout", { hasText: "No host has that much memory free" }).waitFor();
    await page.getByText("undone").first().waitFor();
    await confirm(page, "Retry", "Retry");
    await page.getByRole("heading", { name: "Earlier operations" }).waitFor();
    await shows(page, "Failed");

    const id = await create(fixture, "moderations", { text: "to be judged" });
    await page.goto(`${fixture.origin}/dashboard/resources/moderations/${id}`);
    await shows(page, "Waiting for a moderator");
    await confirm(page, "Cancel", "Cancel operation");
    await shows(page, "Cancelled");
    await confirm(page, "Retry", "Retry");
    await shows(page, "In review");
    await page.getByRole("button", { name: "Send verdict" }).click();
    await page.getByRole("dialog").getByLabel("By").fill("Ada");
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await shows(page, "Rejected");
    await page.getByText("Ada", { exact: true }).waitFor();
  });

  it("links the children of a resource, and their parent", async () => {
    const id = await create(fixture, "threads", { posts: ["first", "second"] });
    const page = await fixture.open(`/resources/threads/${id}`);
    await page.getByRole("link", { name: "post 2" }).click();
    await shows(page, "Waiting for a moderator");
    await page.getByRole("link", { name: `threads/${id}` }).click();
    await shows(page, "Reading");
    await confirm(page, "Cancel", "Cancel operation");
    await shows(page, "Cancelled");
  });

  it("shows an operation that is being cancelled until its worker has stopped", async () => {
    const id = await create(fixture, "moderations", { text: "slow to stop" });
    const page = await fixture.open(`/resources/moderations/${id}`);
    await shows(page, "In review");
    // The step has started once the operation is claimed.
    await page.getByText("running").first().waitFor({ state: "attached" });
    await confirm(page, "Cancel", "Cancel operation");
    await shows(page, "Cancelling");
    await page.locator(".page-head .tone-cancelling", { hasText: "Cancelling, being cancelled" }).waitFor();
    await page.getByText("waiting for its worker to stop").waitFor();
    assert.ok(await page.getByRole("button", { name: "Cancel", exact: true }).isDisabled());

    const list = await fixture.open("?status=Cancelling");
    const row = list.getByRole("row", { name: id });
    await row.locator(".tone-cancelling").waitFor();
    await row.getByText("waiting for its worker to stop").waitFor();

    await create(fixture, "moderations", { text: "release" });
    await shows(page, "Cancelled");
  });

  it("counts resources by status and plots settled operations", async () => {
    const id = await create(fixture, "moderations", { text: "to be counted" });
    const page = await fixture.open(`/resources/moderations/${id}`);
    await shows(page, "Waiting for a moderator");
    await fixture.request("POST", `/api/moderations/${id}/verdict`, { approved: true, by: "Ada" });
    await shows(page, "Published");
    // A stopping server stores its counts.
    await fixture.restart();
    await page.goto(`${fixture.origin}/dashboard/overview`);
    const published = page.getByRole("link", { name: /Published/ });
    await published.waitFor();
    await page.getByRole("img", { name: /[1-9]\d* succeeded, \d+ failed, \d+ cancelled/ }).waitFor();
    await page.getByRole("img", { name: /^Latest median/ }).waitFor();
    await page.getByRole("radio", { name: "Last 7 days" }).check();
    await page.getByLabel("Type").selectOption("Moderation");
    await page.getByRole("img", { name: /[1-9]\d* succeeded, 0 failed, \d+ cancelled/ }).waitFor();
    await published.click();
    await page.waitForURL(/type=moderations&status=Published/);
    await page.getByRole("table").waitFor();
  });
});
