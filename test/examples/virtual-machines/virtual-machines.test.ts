import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { followed, send } from "../../support/exchange.ts";
import { parseObject } from "../../support/json.ts";
import { qemuMissing } from "../../support/qemu.ts";
import { repeatTranscript } from "../../support/transcript.ts";
import { alike, APP, buildGuestImage, hypervisorIn } from "./hypervisor.ts";

const README = join(import.meta.dirname, "../../../examples/virtual-machines/README.md");
const GIB = 1024 ** 3;
const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };

async function created(origin: string): Promise<string> {
  const { status, headers } = await send(`${origin}/api/virtual-machines`, "POST", { configuration });
  assert.equal(status, 202);
  return headers.get("Location") ?? "";
}

/** Waits until the machine is booting. */
async function untilBooting(url: string): Promise<void> {
  for (let etag = '"none"'; ;) {
    const { body, headers } = await send(url, "GET", undefined, { "If-None-Match": etag, Prefer: "wait=5" });
    assert.ok(headers.has("Retry-After"), `settled before its boot was seen: ${JSON.stringify(body)}`);
    if (/"progress":"[4-9]/.test(JSON.stringify(body))) return;
    etag = headers.get("ETag") ?? etag;
  }
}

async function settled(url: string, status: string): Promise<Record<string, unknown>> {
  const last = (await followed(url)).at(-1)?.body ?? {};
  assert.equal(last["status"], status, JSON.stringify(last));
  assert.ok(!("error" in last), JSON.stringify(last));
  return last;
}

async function seenFromInside(address: unknown): Promise<Record<string, unknown>> {
  return parseObject(await (await fetch(`http://${String(address)}:8000/`)).text());
}

/** Returns true if a process listens on exactly this address, by the kernel's table. */
async function isListening(address: unknown): Promise<boolean> {
  const bytes = String(address).split(".").map(Number).toReversed();
  const local = `${Buffer.from(bytes).toString("hex").toUpperCase()}:1F40`;
  return (await readFile("/proc/net/tcp", "utf8")).includes(` ${local} 00000000:0000 0A `);
}

describe("real virtual machines", { skip: qemuMissing(), concurrency: 2 }, () => {
  before(() => {
    buildGuestImage();
  });

  it("boots one machine although the server is killed during the boot, and leaves nothing behind", async () => {
    await using folder = await temporaryFolder();
    await using hypervisor = await hypervisorIn(folder.path);
    await using first = await hypervisor.start();
    const path = await created(first.origin);
    await untilBooting(first.origin + path);
    await first.kill();
    const booting = await hypervisor.processes();
    assert.equal(booting.length, 1);

    await using server = await hypervisor.start();
    const url = server.origin + path;
    const other = server.origin + (await created(server.origin));
    const { IPAddress, givenRam } = await settled(url, "Ready");
    assert.equal(givenRam, "256MB");
    const { IPAddress: otherAddress } = await settled(other, "Ready");
    assert.notEqual(IPAddress, otherAddress);
    const running = await hypervisor.processes();
    assert.ok(running.length === 2 && running.includes(booting[0] ?? 0), "the machine was booted a second time");
    const inside = await seenFromInside(IPAddress);
    assert.deepEqual(
      { machine: inside["machine"], boots: inside["boots"], storageBytes: inside["storageBytes"] },
      { machine: IPAddress, boots: 1, storageBytes: 256 * GIB },
    );
    assert.equal((await seenFromInside(otherAddress))["machine"], otherAddress);
    assert.ok(await isListening(IPAddress));

    for (const each of [url, other]) assert.equal((await send(each, "DELETE")).status, 202);
    for (const each of [url, other]) await deleted(each);
    assert.deepEqual(
      { processes: await hypervisor.processes(), left: await hypervisor.left() },
      { processes: [], left: [] },
    );
    for (const address of [IPAddress, otherAddress]) assert.equal(await isListening(address), false);
  });

  it("starts one process for concurrent boots", async () => {
    await using folder = await temporaryFolder();
    await using hypervisor = await hypervisorIn(folder.path);
    Object.assign(process.env, { AFOOT_DEMO_DATA: folder.path, AFOOT_QEMU_ACCELERATOR: "tcg" });
    const { qemu } = await import("../../../examples/virtual-machines/qemu/qemu.ts");
    const { signal } = new AbortController();
    const addresses = await Promise.all([1, 2, 3].map(() => qemu.allocate("key", configuration)));
    const [address = ""] = addresses;
    assert.deepEqual(addresses, [address, address, address]);
    await Promise.all([1, 2, 3].map(() => qemu.boot(address, configuration, { signal })));
    assert.equal((await hypervisor.processes()).length, 1);
    assert.equal((await seenFromInside(address))["boots"], 1);
    await qemu.release("key", { signal });
    assert.deepEqual(
      { processes: await hypervisor.processes(), left: await hypervisor.left() },
      { processes: [], left: [] },
    );
  });

  it("removes the machine when its creation is cancelled during the boot", async () => {
    await using folder = await temporaryFolder();
    await using hypervisor = await hypervisorIn(folder.path);
    await using server = await hypervisor.start();
    const url = server.origin + (await created(server.origin));
    await untilBooting(url);
    assert.equal((await hypervisor.processes()).length, 1);
    const unknown = { configuration: { ...configuration, os: "Windows" } };
    const refused = await send(`${server.origin}/api/virtual-machines`, "POST", unknown, { Prefer: "wait=30" });
    assert.match(JSON.stringify(refused.body), /"status":"Failed".*"code":"no-image"/);
    assert.equal((await send(`${url}/cancel`, "POST")).status, 202);
    const last = (await followed(url)).at(-1)?.body;
    assert.equal(last?.["status"], "Cancelled");
    assert.deepEqual(
      { processes: await hypervisor.processes(), left: await hypervisor.left() },
      { processes: [], left: [] },
    );
  });
});

/** Waits until a deleted resource is gone. */
async function deleted(url: string): Promise<void> {
  await eventually(`${url} to be deleted`, async () => {
    const { status, body } = await send(url, "GET", undefined, { Prefer: "wait=5" });
    if (status === 404) return true;
    assert.equal(body["status"], "Deleting", JSON.stringify(body));
    return false;
  });
}

describe("simulated virtual machines", { concurrency: 2 }, () => {
  it("are used if QEMU is not installed", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app: APP, folder: folder.path, environment: { PATH: "/nowhere" } });
    assert.match(server.log(), /^Virtual machines are simulated: qemu-system-x86_64 is not installed\.$/m);
  });

  it("are created by an update after their creation was cancelled", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app: APP, folder: folder.path, environment: { AFOOT_DEMO_PACE: "0.02" } });
    const url = server.origin + (await created(server.origin));
    assert.equal((await send(`${url}/cancel`, "POST")).status, 202);
    assert.equal((await followed(url)).at(-1)?.body["status"], "Cancelled");
    assert.equal((await send(`${url}/restart`, "POST")).status, 202);
    assert.match(JSON.stringify((await followed(url)).at(-1)?.body), /"status":"Cancelled".*"code":"no-machine"/);
    assert.equal((await send(url, "PATCH", { configuration: { ram: "32GB" } })).status, 202);
    const { IPAddress } = await settled(url, "Ready");
    assert.match(String(IPAddress), /^192\.168\.1\.\d+$/);
  });

  it("behave as the README shows", async () => {
    await using folder = await temporaryFolder();
    const environment = { AFOOT_DEMO_PACE: "0.02" };
    await using server = await startAfoot({ app: APP, folder: folder.path, environment });
    const where = { origin: server.origin, folder: folder.path, section: "Simulated machines", alike };
    assert.equal(await repeatTranscript(README, where), 3);
  });
});
