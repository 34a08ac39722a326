import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { violations } from "../support/axe.ts";
import { noChromium } from "../support/chromium.ts";
import { openFixture } from "./fixture.ts";

describe("the dashboard of an API with authentication", { skip: noChromium, timeout: 60_000 }, () => {
  it("asks for a token, keeps it in its tab, and shows the resources that the token may read", async () => {
    await using fixture = await openFixture({ isGuarded: true });
    const configuration = { text: "Ann's alone" };
    const { json } = await fixture.request("POST", "/api/moderations", { configuration }, "ann");
    const id = String(json["id"]);

    const page = await fixture.open(`/resources/moderations/${id}`);
    const field = page.getByLabel("Token");
    await field.waitFor();
    assert.deepEqual(await violations(page), []);
    assert.ok(!(await page.content()).includes("Ann's"));
    await field.fill("nonsense");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The token was rejected.").waitFor();
    await field.fill("bob");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Resource not found.").waitFor();
    await page.getByRole("link", { name: "Back to the resources" }).click();
    await page.getByText("No resources yet.").waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText("Throughput and durations cover the resources of all owners.").waitFor();
    assert.equal(await page.evaluate("localStorage.length"), 0);

    await page.getByRole("button", { name: "Sign out" }).click();
    await field.fill("ann");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Resources" }).click();
    await page.getByRole("link", { name: id }).click();
    await page.getByText("Ann's alone", { exact: true }).waitFor();
    await page.reload();
    await page.getByText("Ann's alone", { exact: true }).waitFor();

    const other = await fixture.open();
    await other.getByLabel("Token").fill("operator");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("row", { name: id }).getByText("ann", { exact: true }).waitFor();
    await other.goto(`${fixture.origin}/dashboard/overview`);
    await other.getByRole("heading", { name: "Settled operations per minute" }).waitFor();
  });
});
