import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Locator, Request } from "playwright-core";
import { noChromium } from "../support/chromium.ts";
import { type LivePage, openLivePage } from "./live-page.ts";

const PAGE = 'export * from "./page.tsx";';
const WAITING = "Waiting for approval, 50%";
const READY = "Ready, 192.168.1.10";

type Place = readonly [name: string, url: string | null];

async function show({ page }: LivePage, ...components: readonly Place[]): Promise<void> {
  const followers = components.map(([name, url]) => ({ name, url }));
  await page.evaluate(`page.show(${JSON.stringify(followers)})`);
}

/** Waits until a component shows exactly this text. */
async function shows({ page }: LivePage, name: string, text: string): Promise<void> {
  await follower(page, name).getByRole("status").getByText(text, { exact: true }).waitFor();
}

async function click({ page }: LivePage, name: string, button: string): Promise<void> {
  await follower(page, name).getByRole("button", { name: button }).click();
}

function follower(page: LivePage["page"], name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Resolves once the page has ended its requests. */
async function released({ page, underWay }: LivePage): Promise<void> {
  while (underWay.size > 0) {
    await Promise.race(
      ["requestfailed", "requestfinished"].map((event) => page.waitForEvent(event as "requestfailed")),
    );
  }
}

describe("useResource, in a browser", { skip: noChromium, timeout: 120_000 }, () => {
  it("renders every change up to the end, by one poll for all components of a URL", async () => {
    await using fixture = await openLivePage(PAGE);
    const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
    let most = 0;
    fixture.page.on("request", () => {
      most = Math.max(most, fixture.underWay.size);
    });
    await show(fixture, ["left", vm.url], ["right", vm.url]);
    for (const name of ["left", "right"]) await shows(fixture, name, WAITING);
    await vm.send("approval", { approved: true });
    for (const name of ["left", "right"]) await shows(fixture, name, READY);
    await released(fixture);
    assert.equal(most, 1);
    // A later component gets the known state, and a settled resource is not polled.
    const sent = fixture.gets.length;
    await show(fixture, ["left", vm.url], ["late", vm.url]);
    await shows(fixture, "late", READY);
    assert.equal(fixture.gets.length, sent);
  });

  it("cancels and retries for all components of the resource, and rejects what the server rejects", async () => {
    await using fixture = await openLivePage(PAGE);
    const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
    await show(fixture, ["left", vm.url], ["right", vm.url]);
    await shows(fixture, "left", WAITING);
    await click(fixture, "left", "Cancel");
    for (const name of ["left", "right"]) await shows(fixture, name, "Cancelled, cancelled");
    await click(fixture, "right", "Retry");
    for (const name of ["left", "right"]) await shows(fixture, name, WAITING);
    await vm.send("approval", { approved: true });
    for (const name of ["left", "right"]) await shows(fixture, name, READY);
    await click(fixture, "left", "Cancel");
    await shows(fixture, "left", `${READY}, refused: settled`);
    await shows(fixture, "right", READY);
  });

  it("lets go of the request when the last component leaves, and of no other's", async () => {
    await using fixture = await openLivePage(PAGE);
    const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
    await show(fixture, ["left", vm.url], ["right", vm.url]);
    await shows(fixture, "right", WAITING);
    const longPoll = await longPollRequest(fixture);
    await show(fixture, ["right", vm.url]);
    // Another component takes over: the poll continues.
    await show(fixture, ["other", vm.url]);
    await shows(fixture, "other", WAITING);
    assert.ok(fixture.underWay.has(longPoll));
    await show(fixture);
    await released(fixture);
    assert.equal(longPoll.failure()?.errorText, "net::ERR_ABORTED");
    const sent = fixture.gets.length;
    await vm.send("approval", { approved: true });
    await vm.settled();
    assert.equal(fixture.gets.length, sent);
  });

  it("follows another URL when given one, and nothing for null", async () => {
    await using fixture = await openLivePage(PAGE);
    const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
    const someone = await fixture.api.people.create({ name: "Ada" });
    await show(fixture, ["one", null]);
    await shows(fixture, "one", "nothing yet");
    assert.equal(fixture.gets.length, 0);
    await show(fixture, ["one", vm.url]);
    await shows(fixture, "one", WAITING);
    const longPoll = await longPollRequest(fixture);
    await show(fixture, ["one", someone.url]);
    await shows(fixture, "one", "Known");
    await released(fixture);
    assert.equal(longPoll.failure()?.errorText, "net::ERR_ABORTED");
    await vm.cancel();
  });

  it("goes on showing what it saw when its signal is aborted, while others follow", async () => {
    await using fixture = await openLivePage(PAGE);
    const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
    await show(fixture, ["left", vm.url], ["right", vm.url]);
    for (const name of ["left", "right"]) await shows(fixture, name, WAITING);
    await fixture.page.evaluate('page.end("left")');
    await vm.send("approval", { approved: true });
    await shows(fixture, "right", READY);
    await show(fixture, ["left", vm.url], ["right", vm.url]);
    await shows(fixture, "left", WAITING);
  });

  it("shows a deleted resource and an unreachable server, and recovers by itself", async () => {
    await using fixture = await openLivePage(PAGE);
    const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
    await show(fixture, ["gone", `${vm.url}x`], ["there", vm.url]);
    await shows(fixture, "gone", "nothing yet, GoneError");
    await shows(fixture, "there", WAITING);
    await fixture.live.stop();
    await shows(fixture, "there", `${WAITING}, last error: unreachable`);
    await fixture.live.start();
    await shows(fixture, "there", WAITING);
    await vm.send("approval", { approved: true });
    await shows(fixture, "there", READY);
  });

  it("asks a settled resource again by refresh, as one that was gone", async () => {
    await using fixture = await openLivePage(PAGE);
    const url = new URL("/api/people/ada", fixture.live.url).href;
    await show(fixture, ["ada", url]);
    await shows(fixture, "ada", "nothing yet, GoneError");
    const ada = await fixture.api.people.put("ada", { name: "Ada" });
    await ada.settled();
    await click(fixture, "ada", "Refresh");
    await shows(fixture, "ada", "Known");
    await ada.delete();
    await click(fixture, "ada", "Refresh");
    await shows(fixture, "ada", "Known, GoneError");
  });
});

/** The open long poll: a GET with `Prefer: wait` and no reply yet. */
async function longPollRequest({ page, underWay }: LivePage): Promise<Request> {
  const isLongPoll = (request: Request): boolean => request.headers()["prefer"] === "wait=30";
  return [...underWay].find(isLongPoll) ?? page.waitForEvent("request", isLongPoll);
}
