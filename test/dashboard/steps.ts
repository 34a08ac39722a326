import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.ts";
import type { Fixture } from "./fixture.ts";

export const MACHINE = { configuration: { os: "Linux", ram: "16GB", storage: "256GB SSD" } };

export async function create(fixture: Fixture, path: string, configuration: object): Promise<string> {
  const { status, json } = await fixture.request("POST", `/api/${path}`, { configuration });
  assert.equal(status, 202);
  return String(json["id"]);
}

export async function settled(fixture: Fixture, path: string): Promise<Readonly<Record<string, unknown>>> {
  return eventually(`${path} to settle`, async () => {
    const response = await fetch(`${fixture.origin}/api/${path}`, { headers: { prefer: "wait=20" } });
    const json = (await response.json()) as Readonly<Record<string, unknown>>;
    return !response.headers.has("retry-after") && json;
  });
}

/** Waits until the badge beside the heading shows a status. */
export async function shows(page: Page, status: string): Promise<void> {
  await page.locator(".page-head .badge-text", { hasText: new RegExp(`^${status}$`) }).waitFor();
}

/** Waits until the list has exactly this number of rows. */
export async function only(page: Page, rows: number): Promise<void> {
  await page.locator(`tbody tr:nth-child(${rows})`).waitFor();
  await page.locator(`tbody tr:nth-child(${rows + 1})`).waitFor({ state: "detached" });
}

export async function confirm(page: Page, command: string, confirmation: string): Promise<void> {
  await page.getByRole("button", { name: command, exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: confirmation, exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}
