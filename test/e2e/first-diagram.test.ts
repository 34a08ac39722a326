import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { type JsonReply, send } from "../support/exchange.ts";
import { natsMissing, startNats } from "../support/nats.ts";
import { postgresMissing, startPostgres } from "../support/postgres.ts";
import { type BackgroundProcess, backgroundProcess } from "./background-process.ts";

const app = join(import.meta.dirname, "background-app.ts");
const configuration = { ram: "16GB" };

/** Creates a machine, waits until the background process has begun, and returns a function that gets the machine from the servers in turn. */
async function begun(servers: readonly AfootProcess[], process: BackgroundProcess) {
  // 1. POST. 3. 202 Accepted, with the Location.
  const accepted = await send(`${servers[0]?.origin}/api/virtual-machines`, "POST", { configuration });
  assert.equal(accepted.status, 202);
  const location = accepted.headers.get("Location") ?? "";
  const id = location.slice(location.lastIndexOf("/") + 1);
  let gets = 0;
  const get = (): Promise<JsonReply> => send(`${servers[gets++ % servers.length]?.origin}${location}`, "GET");
  // 2. Initiate Background Process, in a durable step that is retried if the process is down. Then the attempt ends.
  const history = `${servers[0]?.origin}${location}/history`;
  await eventually("the work to wait", async () => {
    return JSON.stringify((await send(history, "GET")).body).includes('"waiting"');
  });
  assert.deepEqual(process.requests, [`PUT ${id}`]);
  return { id, get };
}

async function goesArrowByArrow(servers: readonly AfootProcess[], process: BackgroundProcess): Promise<void> {
  const { id, get } = await begun(servers, process);
  process.setStatus({ progress: 0.5 });
  // 4. GET. 5. Query Process Status & Details. 6. 200 OK.
  const half = await get();
  assert.ok(process.requests.includes(`GET ${id}`));
  assert.equal(half.status, 200);
  assert.ok(half.headers.has("Retry-After"));
  const { estimatedTimeRemaining: _, ...shown } = half.body;
  assert.deepEqual(shown, { id, status: "Provisioning", configuration, progress: "50%" });
  // Progress never decreases for a client, whatever the process returns and on every server.
  process.setStatus({ progress: 0.25 });
  assert.equal((await get()).body["progress"], "50%");
  // 7. GET. 8. Query Process Status & Details. 9. 200 OK.
  process.setStatus({ outcome: "succeeded", details: { IPAddress: "192.168.1.10" } });
  const ready = await get();
  assert.deepEqual(ready.body, { id, status: "Ready", configuration, IPAddress: "192.168.1.10" });
  assert.equal(ready.headers.has("Retry-After"), false);
  // Every server shows it, also after the process has ended.
  await process.stop();
  const again = await Promise.all(servers.map(get));
  assert.deepEqual(
    again.map(({ body }) => body),
    servers.map(() => ready.body),
  );
  await process.start();
}

describe("the first diagram of the pattern: on GET the server asks the background process", () => {
  it("goes arrow by arrow in one process", async () => {
    await using folder = await temporaryFolder();
    await using process = await backgroundProcess();
    await using server = await startAfoot({
      app,
      folder: folder.path,
      environment: { BACKGROUND_PROCESS: process.url },
    });
    await goesArrowByArrow([server], process);
  });

  it("shows what is stored while the process is away, and is settled without a GET once it is back", async () => {
    await using folder = await temporaryFolder();
    await using process = await backgroundProcess();
    const environment = { BACKGROUND_PROCESS: process.url };
    await using first = await startAfoot({ app, folder: folder.path, environment });
    const { get, id } = await begun([first], process);
    process.setStatus({ progress: 0.5 });
    const half = await get();
    await process.stop();
    assert.deepEqual((await get()).body, half.body);
    await first.kill();

    process.setStatus({ outcome: "succeeded", details: { IPAddress: "192.168.1.10" } });
    await using second = await startAfoot({ app, folder: folder.path, environment });
    const url = `${second.origin}/api/virtual-machines/${id}`;
    assert.equal((await send(url, "GET")).body["status"], "Provisioning");
    await process.start();
    // A list does not query the process, so the server itself has observed the end.
    const list = `${second.origin}/api/virtual-machines?status=Ready`;
    await eventually("the reaper to observe the end", async () => {
      return JSON.stringify((await send(list, "GET")).body).includes("192.168.1.10");
    });
    assert.match(second.log(), /observe failed or returned an invalid result/);
  });
});

const postgresIsMissing = await postgresMissing();
const missing = postgresIsMissing === false ? natsMissing() : postgresIsMissing;

describe("the first diagram beyond one machine", { skip: missing }, () => {
  it("goes arrow by arrow over two servers and a worker, on PostgreSQL and NATS", async () => {
    await using services = new AsyncDisposableStack();
    const postgres = await startPostgres();
    services.defer(() => postgres.remove());
    await using nats = await startNats();
    await using process = await backgroundProcess();
    const environment = { BACKGROUND_PROCESS: process.url };
    const broker = ["--broker", nats.url];
    const flags = ["--role", "server", "--store", `${postgres.url}?schema=${postgres.schema()}`, ...broker];
    await using one = await startAfoot({ app, environment, flags });
    await using two = await startAfoot({ app, environment, flags });
    await using worker = await startAfoot({ app, environment, flags: ["--role", "worker", ...broker] });
    await goesArrowByArrow([one, two], process);
    await Promise.all([worker.stop(), one.stop(), two.stop()]);
  });
});
