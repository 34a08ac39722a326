import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { followed, send } from "../support/exchange.ts";
import { natsMissing } from "../support/nats.ts";
import { postgresMissing } from "../support/postgres.ts";
import { type ComposeFile, readCompose, serviceOf } from "./compose-file.ts";
import { startCompose, type Started } from "./start-compose.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SECRETS = { POSTGRES_PASSWORD: randomBytes(24).toString("hex"), NATS_PASSWORD: randomBytes(24).toString("hex") };
/** Resources of the examples, each with its final label. */
const RESOURCES = [
  ["virtual-machines", { os: "Linux", ram: "16GB", storage: "256GB SSD" }, "Ready"],
  ["moderations", { text: "Good morning" }, "Approved"],
  ["orders", { item: "lamp", quantity: 1, card: "tok_visa", address: "1 Main Street" }, "Shipped"],
] as const;

/** Time to stop a process: see docs/operations.md. */
const GRACE_S = 10;

const noPostgres = await postgresMissing();

describe("compose.yaml", { skip: noPostgres === false ? natsMissing() : noPostgres }, () => {
  let compose: ComposeFile;
  let started: Started;
  before(async (context) => {
    compose = await readCompose({ ...SECRETS, AFOOT_DEMO_PACE: "0.01" });
    started = await startCompose(compose);
    if (started.skippedSettings !== "" && "diagnostic" in context) context.diagnostic(started.skippedSettings);
  });
  after(() => started[Symbol.asyncDispose]());

  it("serves the examples with two servers and two workers; a resource posted to one server settles through the other", async () => {
    const origins = started.servers.map(({ origin }) => origin);
    assert.deepEqual(
      { originsCount: origins.length, workersCount: started.workers.length },
      { originsCount: 2, workersCount: 2 },
    );
    const [one = "", other = ""] = origins;
    const settles = async (posted: string, polled: string): Promise<void> => {
      for (const [path, configuration, label] of RESOURCES) {
        const { status, headers } = await send(`${posted}/api/${path}`, "POST", { configuration });
        assert.equal(status, 202);
        const { body } = (await followed(polled + headers.get("Location"))).at(-1) ?? assert.fail();
        assert.equal(body["status"], label, JSON.stringify(body));
      }
    };
    const ways = [1, 2, 3].flatMap(() => [settles(one, other), settles(other, one)]);
    await Promise.all(ways);
  });

  it("passes the health check of each server's container", async () => {
    for (const server of started.servers) assert.equal(await started.check(server), 0);
  });

  it("gives workers the address of NATS, and no access to the database", () => {
    const { environment, depends_on: needs } = serviceOf(compose, "worker");
    assert.ok(!JSON.stringify(environment).includes(SECRETS.POSTGRES_PASSWORD));
    assert.deepEqual(Object.keys(needs), ["nats"]);
  });

  it("reads secrets only from the environment, and does not start without them", async () => {
    await assert.rejects(readCompose({ NATS_PASSWORD: "n" }), /POSTGRES_PASSWORD: a password/);
    await assert.rejects(readCompose({ POSTGRES_PASSWORD: "p" }), /NATS_PASSWORD: a password/);
  });

  it("listens only on this machine, keeps its data in volumes, and restarts by itself", () => {
    for (const [name, { ports, restart, volumes }] of Object.entries(compose.services)) {
      assert.equal(restart, "unless-stopped", name);
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
      for (const volume of volumes) assert.ok((volume.split(":")[0] ?? "") in compose.volumes, volume);
    }
    assert.equal(serviceOf(compose, "postgres").volumes.length, 1);
    assert.equal(serviceOf(compose, "nats").volumes.length, 1);
  });

  it("is built in stages, and its last stage runs as an unprivileged user", async () => {
    const lines = (await readFile(join(ROOT, "Dockerfile"), "utf8")).split("\n");
    const stages = lines.flatMap((line, index) => (line.startsWith("FROM ") ? [index] : []));
    assert.equal(stages.length, 2);
    assert.ok(lines.slice(stages[1]).includes("USER node"));
  });

  it("stops within the grace period: every process hands back its operations and exits with 0", async () => {
    for (const name of ["server", "worker"]) {
      const grace = Number(serviceOf(compose, name).stop_grace_period?.replace(/s$/, ""));
      assert.ok(grace > GRACE_S, `the grace period of ${name} is ${grace} s`);
    }
    const all = [...started.servers, ...started.workers];
    const codes = await Promise.all(all.map((each) => each.stop()));
    assert.deepEqual(codes, [0, 0, 0, 0], all.map((each) => each.log()).join("\n"));
  });
});
