import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Locator, Request } from "playwright-core";
import { noChromium } from "../support/chromium.ts";
import { type LivePage, openLivePage } from "./live-page.ts";

const PAGE = 'export * from "./page.tsx";';
const WAITING = "Waiting for approval, 50%";
const READY = "Ready, 192.168.1.10";

type Place = readonly [name: string, url: string | null];

async function show({ page }: LivePage, ...places: readonly Place[]): Promise<void> {
  const seats = places.map(([name, url]) => ({ name, url }));
  await page.evaluate(`page.show(${JSON.stringify(seats)})`);
}

/** Waits until a seat shows exactly this. */
async function shows({ page }: LivePage, name: string, text: string): Promise<void> {
  await seat(page, name).getByRole("status").getByText(text, { exact: true }).waitFor();
}

async function click({ page }: LivePage, name: string, button: string): Promise<void> {
  await seat(page, name).getByRole("button", { name: button }).click();
}

function seat(page: LivePage["page"], name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Resolves once the page has let go of its requests. */
async function released({ page, underWay }: LivePage): Promise<void> {
  while (underWay.size > 0) {
    await Promise.race(
      ["requestfailed", "requestfinished"].map((event) => page.waitForEvent(event as "requestfailed")),
    );
  }
}

describe("useResource, in a browser", { skip: noChromium, timeout: 120_000 }, () => {
  it("renders every change up to the end, by one poll for all components of a URL", async () => {
    await using scene = await openLivePage(PAGE);
    const vm = await scene.api.virtualMachines.create({ os: "Linux" });
    let most = 0;
    scene.page.on("request", () => {
      most = Math.max(most, scene.underWay.size);
    });
    await show(scene, ["left", vm.url], ["right", vm.url]);
    for (const name of ["left", "right"]) await shows(scene, name, WAITING);
    await vm.send("approval", { approved: true });
    for (const name of ["left", "right"]) await shows(scene, name, READY);
    await released(scene);
    assert.equal(most, 1);
    // One that comes later is shown what is known, and settled is asked for no more.
    const sent = scene.gets.length;
    await show(scene, ["left", vm.url], ["late", vm.url]);
    await shows(scene, "late", READY);
    assert.equal(scene.gets.length, sent);
  });

  it("cancels and retries, for all who look on, and says when it is refused", async () => {
    await using scene = await openLivePage(PAGE);
    const vm = await scene.api.virtualMachines.create({ os: "Linux" });
    await show(scene, ["left", vm.url], ["right", vm.url]);
    await shows(scene, "left", WAITING);
    await click(scene, "left", "Cancel");
    for (const name of ["left", "right"]) await shows(scene, name, "Cancelled, cancelled");
    await click(scene, "right", "Retry");
    for (const name of ["left", "right"]) await shows(scene, name, WAITING);
    await vm.send("approval", { approved: true });
    for (const name of ["left", "right"]) await shows(scene, name, READY);
    await click(scene, "left", "Cancel");
    await shows(scene, "left", `${READY}, refused: settled`);
    await shows(scene, "right", READY);
  });

  it("lets go of the request when the last component leaves, and of no other's", async () => {
    await using scene = await openLivePage(PAGE);
    const vm = await scene.api.virtualMachines.create({ os: "Linux" });
    await show(scene, ["left", vm.url], ["right", vm.url]);
    await shows(scene, "right", WAITING);
    const held = await heldRequest(scene);
    await show(scene, ["right", vm.url]);
    // Another component in the same place: the poll goes on.
    await show(scene, ["other", vm.url]);
    await shows(scene, "other", WAITING);
    assert.ok(scene.underWay.has(held));
    await show(scene);
    await released(scene);
    assert.equal(held.failure()?.errorText, "net::ERR_ABORTED");
    const sent = scene.gets.length;
    await vm.send("approval", { approved: true });
    await vm.settled();
    assert.equal(scene.gets.length, sent);
  });

  it("follows another URL when given one, and nothing for null", async () => {
    await using scene = await openLivePage(PAGE);
    const vm = await scene.api.virtualMachines.create({ os: "Linux" });
    const someone = await scene.api.people.create({ name: "Ada" });
    await show(scene, ["one", null]);
    await shows(scene, "one", "nothing yet");
    assert.equal(scene.gets.length, 0);
    await show(scene, ["one", vm.url]);
    await shows(scene, "one", WAITING);
    const held = await heldRequest(scene);
    await show(scene, ["one", someone.url]);
    await shows(scene, "one", "Known");
    await released(scene);
    assert.equal(held.failure()?.errorText, "net::ERR_ABORTED");
    await vm.cancel();
  });

  it("goes on showing what it saw when its signal is aborted, while others follow", async () => {
    await using scene = await openLivePage(PAGE);
    const vm = await scene.api.virtualMachines.create({ os: "Linux" });
    await show(scene, ["left", vm.url], ["right", vm.url]);
    for (const name of ["left", "right"]) await shows(scene, name, WAITING);
    await scene.page.evaluate('page.end("left")');
    await vm.send("approval", { approved: true });
    await shows(scene, "right", READY);
    await show(scene, ["left", vm.url], ["right", vm.url]);
    await shows(scene, "left", WAITING);
  });

  it("tells what is gone, and what cannot be heard, and comes back by itself", async () => {
    await using scene = await openLivePage(PAGE);
    const vm = await scene.api.virtualMachines.create({ os: "Linux" });
    await show(scene, ["gone", `${vm.url}x`], ["there", vm.url]);
    await shows(scene, "gone", "nothing yet, GoneError");
    await shows(scene, "there", WAITING);
    await scene.live.stop();
    await shows(scene, "there", `${WAITING}, trouble: unreachable`);
    await scene.live.start();
    await shows(scene, "there", WAITING);
    await vm.send("approval", { approved: true });
    await shows(scene, "there", READY);
  });

  it("asks a settled resource again by refresh, as one that was gone", async () => {
    await using scene = await openLivePage(PAGE);
    const url = new URL("/api/people/ada", scene.live.url).href;
    await show(scene, ["ada", url]);
    await shows(scene, "ada", "nothing yet, GoneError");
    const ada = await scene.api.people.put("ada", { name: "Ada" });
    await ada.settled();
    await click(scene, "ada", "Refresh");
    await shows(scene, "ada", "Known");
    await ada.delete();
    await click(scene, "ada", "Refresh");
    await shows(scene, "ada", "Known, GoneError");
  });
});

/** The GET that the server holds: one that asked for a hold and has no answer. */
async function heldRequest({ page, underWay }: LivePage): Promise<Request> {
  const isHeld = (request: Request): boolean => request.headers()["prefer"] === "wait=30";
  return [...underWay].find(isHeld) ?? page.waitForEvent("request", isHeld);
}
