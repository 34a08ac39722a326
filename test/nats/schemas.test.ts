import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createApp, defineResource, PermanentError } from "afoot";
import { natsBroker } from "afoot/brokers/nats";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { isJsonObject } from "../../src/core/json/json.ts";
import { machine, order, statusMessage } from "../external/fixture.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { natsMissing, startNats } from "../support/nats.ts";
import { tapNats } from "./tap.ts";

/** Who asked, as the worker that has only NATS was given it. */
const askers: unknown[] = [];

/** Work that sends every kind of worker message. */
const parcel = defineResource({
  name: "parcel",
  configuration: z.object({ fails: z.boolean(), stays: z.boolean() }),
  details: z.object({ place: z.string() }),
  statuses: { ready: "Delivered" },
  create: {
    status: "Packing",
    retry: { attempts: 2, initialMs: 1 },
    async work({ attempt, configuration, report, step, sleep, signal, owner, principal }) {
      if (attempt === 1) askers.push({ owner, principal });
      await step("pack", () => ({ box: 7 }), { undo: () => undefined });
      report({ progress: 0.5, status: "Underway", details: { place: "Ghent" }, estimatedTimeRemainingMs: 1000 });
      if (configuration.stays) await once(signal, "abort");
      await sleep("rest", 5);
      if (configuration.fails) {
        throw attempt < 4 ? new Error("the van broke down") : new PermanentError("lost for good");
      }
      return { place: "Bruges" };
    },
  },
});

/** Messages that the test must have checked. */
const EVERYTHING = [
  ...[
    "claim",
    "claimReply",
    "record",
    "recordReply",
    "beat",
    "beatReply",
    "progress",
    "notices",
    "due",
    "status",
    "problem",
  ],
  ...["end succeeded", "end failed", "end cancelled", "end waiting", "end undone", "end handed-back", "endReply"],
];

describe("the schemas that ship", { skip: natsMissing() }, () => {
  it("accept every message of servers, workers and external processes", async () => {
    await using folder = await temporaryFolder();
    await using nats = await startNats();
    await using tap = await tapNats(nats.url);
    const apps = [0, 1].map(() => createApp({ resources: [parcel, machine, order] }));
    const [server, worker] = apps;
    assert.ok(server !== undefined && worker !== undefined);
    const [serverBroker, workerBroker] = [natsBroker({ servers: nats.url }), natsBroker({ servers: nats.url })];
    await server.start({
      store: sqliteStore({ path: `${folder.path}/afoot.db` }),
      broker: serverBroker,
      role: "server",
    });
    await worker.start({ broker: workerBroker, role: "worker" });

    const create = async (path: string, configuration: unknown): Promise<string> => {
      const body = JSON.stringify({ configuration });
      const headers = { "Content-Type": "application/json" };
      const response = await server.fetch(
        new Request(`http://localhost/api/${path}`, { method: "POST", headers, body }),
      );
      return `http://localhost${response.headers.get("Location")}`;
    };
    const settled = async (url: string): Promise<string> => {
      const response = await server.fetch(new Request(url, { headers: { Prefer: "wait=30" } }));
      const body: unknown = await response.json();
      return isJsonObject(body) ? String(body["status"]) : "";
    };
    const [delivered, failed, cancelled, made, waits, stays] = await Promise.all([
      create("parcels", { fails: false, stays: false }),
      create("parcels", { fails: true, stays: false }),
      create("parcels", { fails: false, stays: true }),
      create("machines", { ram: "16GB" }),
      create("orders", { item: "book" }),
      create("parcels", { fails: false, stays: true }),
    ]);
    assert.equal(await settled(delivered), "Delivered");
    const ann = { id: "ann", owner: "team-1", operator: true };
    const asked = await server.as(ann).parcels.create({ fails: false, stays: false });
    assert.equal((await asked.settled()).status, "Delivered");
    assert.deepEqual(askers.at(-1), { owner: "team-1", principal: ann });
    assert.equal(await settled(failed), "Failed");

    const connection = await connect({ servers: nats.url });
    const idOf = (url: string): string => url.slice(url.lastIndexOf("/") + 1);
    const post = async (type: string, url: string, kind: string, data: unknown): Promise<void> => {
      const message = statusMessage(`${type}/${idOf(url)}`, kind, data);
      await jetstream(connection).publish(`afoot.status.${type}.${idOf(url)}`, JSON.stringify(message), {
        retries: 50,
      });
    };
    await post("machine", made, "progress", { progress: 0.5 });
    await post("machine", made, "succeeded", { details: { address: "10.0.0.1" } });
    await post("order", waits, "received", { name: "approval", value: { by: "Ada" } });
    assert.equal(await settled(made), "Ready");
    assert.equal(await settled(waits), "Approved");
    // A malformed request is answered with an error.
    await connection.request("afoot.worker.claim", "{}");
    await connection.close();

    await server.fetch(new Request(`${cancelled}/cancel`, { method: "POST" }));
    assert.equal(await settled(cancelled), "Cancelled");
    await worker.close({ graceMs: 1000 });
    assert.match(stays, /parcels/);
    await server.close();

    const [fault = "", ...others] = tap.faults;
    assert.match(fault, /^claim: .*must have required property/);
    assert.deepEqual(others, []);
    assert.deepEqual(
      EVERYTHING.filter((name) => !tap.seen.has(name)),
      [],
    );
  });
});
