import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createApp, defineResource } from "afoot";
import { natsBroker } from "afoot/brokers/nats";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import type { AppStartOptions } from "../../src/app/start-options.ts";
import type { Broker } from "../../src/core/ports/broker.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";
import { natsMissing, startNats } from "../support/nats.ts";
import { SteppedClock } from "../support/stepped-clock.ts";

/** Work that reports on demand. */
function films(liveStatus: boolean) {
  const begun = Promise.withResolvers<(progress: number) => void>();
  const finished = Promise.withResolvers<{ frames: number }>();
  const film = defineResource({
    name: "film",
    configuration: z.object({}),
    details: z.object({ frames: z.number() }),
    statuses: { ready: "Ready" },
    create: {
      status: "Rendering",
      async work({ report }) {
        begun.resolve((progress) => report({ progress, details: { frames: progress * 100 } }));
        return finished.promise;
      },
    },
    liveStatus,
  });
  return { film, begun: begun.promise, end: () => finished.resolve({ frames: 100 }) };
}

/** A server and a worker with stopped clocks: nothing is sent by a timer. */
async function openFixture(liveStatus: boolean, broker?: () => Broker) {
  const { film, begun, end } = films(liveStatus);
  const folder = await temporaryFolder();
  const clock = new SteppedClock();
  const serving = createApp({ resources: [film] });
  const working = createApp({ resources: [film] });
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  const start = (role: AppStartOptions["role"]): AppStartOptions => ({
    clock,
    ...(role === undefined ? {} : { role }),
    ...(broker === undefined ? {} : { broker: broker() }),
  });
  await serving.start({ ...start(broker === undefined ? "all" : "server"), store });
  if (broker !== undefined) await working.start(start("worker"));
  const request = async (method: string, path: string): Promise<Record<string, unknown>> => {
    const body =
      method === "POST" ? { body: '{"configuration":{}}', headers: { "Content-Type": "application/json" } } : {};
    const response = await serving.fetch(new Request(`http://localhost/api/${path}`, { method, ...body }));
    return parseObject(await response.text());
  };
  const { id } = await request("POST", "films");
  return {
    clock,
    report: await begun,
    get: () => request("GET", `films/${String(id)}`),
    async [Symbol.asyncDispose]() {
      end();
      await working.close();
      await serving.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function isLive(broker?: () => Broker): () => Promise<void> {
  return async () => {
    await using film = await openFixture(true, broker);
    film.report(0.25);
    const { progress, frames } = await film.get();
    assert.deepEqual({ progress, frames }, { progress: "25%", frames: 25 });
    film.report(0.5);
    const seen = await Promise.all([film.get(), film.get(), film.get()]);
    assert.deepEqual(
      seen.map((body) => body["progress"]),
      ["50%", "50%", "50%"],
    );
    // Without new progress, the stored state is served.
    assert.equal((await film.get())["frames"], 50);
  };
}

describe("liveStatus", () => {
  it("shows the latest reported progress to every GET", isLive());

  it("shows progress half a second later without liveStatus", async () => {
    await using film = await openFixture(false);
    film.report(0.25);
    assert.equal((await film.get())["progress"], undefined);
    film.clock.advance(500);
    await eventually("the progress of 25 %", async () => (await film.get())["progress"] === "25%");
  });
});

describe("liveStatus over NATS", { skip: natsMissing() }, () => {
  it("requests the progress from the worker of the attempt, wherever it is", async () => {
    await using nats = await startNats();
    await isLive(() => natsBroker({ servers: nats.url }))();
  });
});
