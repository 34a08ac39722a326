import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { followed, send } from "../support/exchange.ts";
import { natsMissing, type NatsServer, startNats } from "../support/nats.ts";
import { type BackgroundProcess, backgroundProcess } from "./process.ts";

const app = join(import.meta.dirname, "app.ts");
const configuration = { ram: "16GB" };
const DONE = { details: { address: "192.168.1.10" } };

describe("the second diagram of the pattern: the broker notifies the server", { skip: natsMissing() }, () => {
  let nats: NatsServer;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let background: BackgroundProcess;
  let server: AfootProcess;
  const start = async (): Promise<void> => {
    server = await startAfoot({ app, folder: folder.path, flags: ["--role", "server", "--broker", nats.url] });
  };
  const create = async (): Promise<{ url: () => string; id: string }> => {
    const { status, headers } = await send(`${server.origin}/api/machines`, "POST", { configuration });
    assert.equal(status, 202);
    const location = headers.get("Location") ?? "";
    return { url: () => server.origin + location, id: location.slice(location.lastIndexOf("/") + 1) };
  };
  beforeEach(async () => {
    nats = await startNats();
    folder = await temporaryFolder();
    await start();
    background = await backgroundProcess(nats.url);
  });
  afterEach(async () => {
    await background[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("goes arrow by arrow", async () => {
    // 2. Initiate Background Process: it is woken by the name of the type, and finds the new operation.
    const initiated = new Promise<unknown>(
      (resolve) => void background.nats.subscribe("afoot.due.machine", { max: 1, callback: resolve }),
    );
    await background.nats.flush();
    // 1. POST. 3. 202 Accepted, with the Location.
    const { url, id } = await create();
    await initiated;
    const listed = await send(`${server.origin}/api/machines?status=Provisioning`, "GET");
    assert.deepEqual(
      (listed.body["items"] as { id: string }[]).map((item) => item.id),
      [id],
    );
    // The client polls meanwhile.
    assert.deepEqual((await send(url(), "GET")).body, { id, status: "Provisioning", configuration });
    const following = followed(url());
    // 4. Post Job Completion Status. 5. Notify API. 6. Update Resource Status & Details in DB.
    await background.post("machine", id, "progress", { progress: 0.5 });
    await background.post("machine", id, "succeeded", DONE);
    // 7. GET. 8. Retrieve from DB. 9. 200 OK.
    const last = (await following).at(-1);
    assert.equal(last?.status, 200);
    assert.deepEqual(last.body, { id, status: "Ready", configuration, address: "192.168.1.10", rack: 1 });
    assert.deepEqual((await send(url(), "GET")).body, last.body);
  });

  it("brings what was posted while every server was down", async () => {
    const machines = [await create(), await create(), await create()];
    await server.kill();
    for (const { id } of machines) await background.post("machine", id, "succeeded", DONE);
    await start();
    for (const { url } of machines) {
      const { body } = await send(url(), "GET", undefined, { Prefer: "wait=30" });
      assert.equal(body["status"], "Ready");
    }
  });

  it("loses none and repeats none while the server is killed again and again", async () => {
    const machines = await Promise.all(Array.from({ length: 200 }, create));
    const posting = machines.map(async ({ id }) => {
      await background.post("machine", id, "progress", { progress: 0.5 });
      await background.post("machine", id, "succeeded", DONE);
    });
    for (let kill = 0; kill < 3; kill++) {
      await server.kill();
      await start();
    }
    await Promise.all(posting);
    for (const { url } of machines) {
      const { body } = await send(url(), "GET", undefined, { Prefer: "wait=60" });
      assert.equal(body["status"], "Ready");
      const { body: history } = await send(`${url()}/history`, "GET");
      assert.equal(JSON.stringify(history).split('"event":"succeeded"').length, 2);
    }
  });

  it("continues after messages that can never apply, and logs the reason", async () => {
    const [good, other] = [await create(), await create()];
    const before = (await send(other.url(), "GET")).headers.get("ETag") ?? "";
    await background.postText(`machine.${good.id}`, "no JSON at all");
    await background.postText(`machine.${good.id}`, JSON.stringify({ specversion: "1.0" }));
    await background.post("machine", "nobody", "progress", { progress: 0.5 });
    await background.post("stranger", "1", "progress", { progress: 0.5 });
    // The subject names one resource, and the message another.
    const forged = {
      specversion: "1.0",
      id: "f",
      source: "/f",
      type: "dev.afoot.succeeded",
      subject: `machine/${other.id}`,
      data: DONE,
    };
    await background.postText(`machine.${good.id}`, JSON.stringify(forged));
    await background.post("machine", good.id, "succeeded", DONE);
    await background.post("machine", good.id, "failed", { error: { code: "late", message: "Too late." } });
    await background.post("machine", other.id, "progress", { progress: 0.5 });
    const { body } = await send(good.url(), "GET", undefined, { Prefer: "wait=30" });
    assert.equal(body["status"], "Ready");
    const changed = await send(other.url(), "GET", undefined, { Prefer: "wait=30", "If-None-Match": before });
    assert.deepEqual(
      { status: changed.body["status"], progress: changed.body["progress"] },
      { status: "Provisioning", progress: "50%" },
    );
    await server.stop();
    const refusals = server
      .log()
      .split("\n")
      .filter((line) => line.includes("can never be applied"));
    assert.equal(refusals.length, 6, refusals.join("\n"));
    assert.match(refusals.join("\n"), /resource-not-found.*resource-not-found.*settled/s);
    assert.match(refusals.at(-1) ?? "", /"refused":6/);
  });
});
