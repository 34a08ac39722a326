import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, send } from "../support/exchange.ts";
import { type SmallDisk, smallDisk, smallDiskMissing } from "../support/small-disk.ts";

const APP = join(import.meta.dirname, "full-disk-app.ts");
const MEGABYTES = 16;
const LARGE = "x".repeat(100_000);
const FULL_LOG = "the disk of the store is full";

describe("a full disk", { skip: smallDiskMissing() }, () => {
  it("lets reads, deletes and running work go on, and writes as soon as there is room", async () => {
    await using disk = await smallDisk(MEGABYTES);
    await using elsewhere = await temporaryFolder();
    await using server = await start(disk, elsewhere.path);
    const running = await create(server, { text: "gated", isGated: true });
    await eventually("the work to begin", async () => (await historyOf(server, running)).includes("step-done"));
    const { accepted, refused } = await createUntilRefused(server);

    assertRefusedFor507(refused);
    await assertReadable(server, accepted);
    const ready = await send(`${server.origin}/readyz`, "GET");
    assert.equal(ready.status, 503);
    assert.match(JSON.stringify(ready.body), /"name":"store","ready":false,"detail":"The disk of the store is full/);

    disk.fill();
    const [first = "", ...others] = accepted;
    const deleted = await send(server.origin + first, "DELETE");
    assert.ok(deleted.status === 202 || deleted.status === 204, JSON.stringify(deleted.body));
    await eventually("the delete to end", async () => (await send(server.origin + first, "GET")).status === 404);
    await writeFile(join(elsewhere.path, "gate"), "");

    disk.free();
    disk.resize(2 * MEGABYTES);
    await eventually("writes to succeed again", async () => (await post(server, { text: "later" })).status === 202);
    await eventually(
      "the server to be ready",
      async () => (await send(`${server.origin}/readyz`, "GET")).status === 200,
    );
    await assertAllReady(server, [running, ...others]);
    assert.deepEqual(
      (await historyOf(server, running)).filter((event) => event === "claimed" || event === "worker-lost"),
      ["claimed"],
      "the work was not run again",
    );
    const lines = server.log().trim().split("\n");
    assert.equal(lines.filter((line) => line.includes(FULL_LOG)).length, 1);
    assert.ok(lines.length < 20, `${lines.length} lines in the log`);
    assert.equal(await server.stop(), 0);
  });

  for (const end of ["kill", "stop"] as const) {
    it(`lets a process start after the ${end} of another, read-only until there is room`, async () => {
      await using disk = await smallDisk(MEGABYTES);
      await using elsewhere = await temporaryFolder();
      const first = await start(disk, elsewhere.path);
      const running = await create(first, { text: "gated", isGated: true });
      const { accepted } = await createUntilRefused(first);
      await first[end]();
      disk.fill();
      assert.equal(await disk.freeBytes(), 0);

      for (const round of [1, 2]) {
        await using server = await start(disk, elsewhere.path);
        await assertReadable(server, accepted);
        await eventually(
          `a refused write, round ${round}`,
          async () => (await post(server, { text: LARGE })).status === 507,
        );
        disk.fill();
      }

      await using server = await start(disk, elsewhere.path);
      await assertReadable(server, accepted);
      await writeFile(join(elsewhere.path, "gate"), "");
      disk.free();
      disk.resize(2 * MEGABYTES);
      await eventually("writes to succeed again", async () => (await post(server, { text: "later" })).status === 202);
      await assertAllReady(server, [running, ...accepted]);
      assert.equal(await server.stop(), 0);
    });
  }

  it("lets a process start on a disk that was filled after an ordinary stop", async () => {
    await using disk = await smallDisk(MEGABYTES);
    await using elsewhere = await temporaryFolder();
    const first = await start(disk, elsewhere.path);
    const made = await create(first, { text: "made" });
    await assertAllReady(first, [made]);
    await eventually("the reserve", async () => (await disk.freeBytes()) < (MEGABYTES - 1.2) * 2 ** 20);
    assert.equal(await first.stop(), 0);
    disk.fill();
    await using server = await start(disk, elsewhere.path);
    await assertReadable(server, [made]);
    await eventually("a refused write", async () => (await post(server, { text: LARGE })).status === 507);
    const deleted = await send(server.origin + made, "DELETE");
    assert.ok(deleted.status === 202 || deleted.status === 204, JSON.stringify(deleted.body));
  });
});

function start(disk: SmallDisk, elsewhere: string): Promise<AfootProcess> {
  return startAfoot({ app: APP, folder: disk.path, environment: { FULL_DISK_GATE: join(elsewhere, "gate") } });
}

function post({ origin }: AfootProcess, configuration: object): Promise<JsonReply> {
  return send(`${origin}/api/reports`, "POST", { configuration });
}

async function create(server: AfootProcess, configuration: object): Promise<string> {
  const { status, headers } = await post(server, configuration);
  assert.equal(status, 202);
  return headers.get("Location") ?? assert.fail("a 202 has a Location");
}

interface Filled {
  readonly accepted: readonly string[];
  readonly refused: JsonReply;
}

async function createUntilRefused(server: AfootProcess): Promise<Filled> {
  const accepted: string[] = [];
  for (;;) {
    const answer = await post(server, { text: LARGE });
    if (answer.status !== 202) {
      assert.ok(accepted.length > 5, `${accepted.length} accepted`);
      return { accepted, refused: answer };
    }
    accepted.push(answer.headers.get("Location") ?? assert.fail());
  }
}

function assertRefusedFor507({ status, headers, body }: JsonReply): void {
  assert.deepEqual([status, body["code"], body["title"]], [507, "store-full", "Insufficient storage"]);
  assert.match(String(body["detail"]), /nothing was changed.*free disk space/i);
  assert.match(headers.get("Retry-After") ?? "", /^\d+$/);
}

async function assertReadable({ origin }: AfootProcess, made: readonly string[]): Promise<void> {
  for (const path of [...made, "/api/reports", "/api/dashboard/resources", "/api/dashboard/overview"]) {
    assert.equal((await send(origin + path, "GET")).status, 200, path);
  }
}

async function assertAllReady({ origin }: AfootProcess, made: readonly string[]): Promise<void> {
  for (const location of made) {
    await eventually(`${location} to be ready`, async () => {
      const { status, body } = await send(origin + location, "GET");
      assert.equal(status, 200, location);
      return body["status"] === "Ready";
    });
  }
}

async function historyOf({ origin }: AfootProcess, location: string): Promise<readonly string[]> {
  const { body } = await send(`${origin}${location}/history?limit=1000`, "GET");
  return (body["items"] as readonly { readonly event: string }[]).map(({ event }) => event);
}
