import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import { localBroker } from "../../src/brokers/local/index.ts";
import { policiesOf } from "../../src/core/policy.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { serverOptions } from "../../src/server/options.ts";
import { createServer } from "../../src/server/server.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { createWorker } from "../../src/worker/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { parseObject } from "../support/json.ts";

const details = z.object({ notes: z.array(z.string()) });
const statuses = { ready: "Ready" } as const;

describe("a deploy", () => {
  it("may change the code between two attempts: steps are matched by name, recorded ones not run again", async () => {
    await using folder = await temporaryFolder();
    const ran: string[] = [];
    const waiting = Promise.withResolvers<void>();
    const version = (name: string, steps: readonly string[], stuck: boolean) =>
      createApp({
        resources: [
          defineResource({
            name: "parcel",
            configuration: z.object({}),
            details,
            statuses,
            create: {
              status: "Packing",
              async work({ step, signal }) {
                const notes: string[] = [];
                for (const each of steps) {
                  notes.push(
                    await step(each, () => {
                      ran.push(`${each} by ${name}`);
                      return `${each} by ${name}`;
                    }),
                  );
                }
                if (stuck) {
                  waiting.resolve();
                  await once(signal, "abort");
                  signal.throwIfAborted();
                }
                return { notes };
              },
            },
          }),
        ],
      });
    const path = `${folder.path}/afoot.db`;
    const before = version("old", ["weigh", "wrap"], true);
    await before.start({ store: sqliteStore({ path }) });
    const { url } = await before.parcels.create({});
    await waiting.promise;
    await before.close({ graceMs: 50 });

    const after = version("new", ["label", "wrap", "weigh"], false);
    await after.start({ store: sqliteStore({ path }) });
    const state = await (await after.parcels.attach(url)).settled();
    await after.close();
    assert.deepEqual(state.notes, ["label by new", "wrap by old", "weigh by old"]);
    assert.deepEqual(ran, ["weigh by old", "wrap by old", "label by new"]);
  });

  it("may leave a type out: its operations wait, readiness says so, and go on when it is declared again", async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/afoot.db`;
    const parcel = (work: () => Promise<{ notes: string[] }>) =>
      defineResource({
        name: "parcel",
        configuration: z.object({ size: z.string(), secret: z.string() }),
        redact: ["secret"],
        details,
        statuses,
        create: { status: "Packing", work },
      });
    const letter = defineResource({
      name: "letter",
      configuration: z.object({}),
      details,
      statuses,
      create: { status: "Writing", work: async () => ({ notes: [] }) },
    });
    const begun = Promise.withResolvers<void>();
    const before = createApp({
      resources: [
        parcel(async () => {
          begun.resolve();
          return new Promise(() => {});
        }),
        letter,
      ],
    });
    await before.start({ store: sqliteStore({ path }) });
    const { url } = await before.parcels.create({ size: "small", secret: "hunter2" });
    await begun.promise;
    await before.close({ graceMs: 50 });

    const without = createApp({ resources: [letter] });
    await without.start({ store: sqliteStore({ path }) });
    const parts = await without.status();
    assert.match(JSON.stringify(parts), /operations wait for a node that declares: parcel/);
    assert.equal((await (await without.letters.create({})).settled()).status, "Ready");
    const { pathname } = new URL(url);
    const readable = await without.fetch(new Request(`http://localhost${pathname}`));
    const { status, configuration } = parseObject(await readable.text());
    assert.deepEqual(
      { readableStatus: readable.status, status, configuration },
      { readableStatus: 200, status: "Packing", configuration: { size: "small" } },
    );
    const refused = await without.fetch(new Request(`http://localhost${pathname}`, { method: "DELETE" }));
    assert.deepEqual(
      { status: refused.status, allow: refused.headers.get("Allow") },
      { status: 405, allow: "GET, HEAD, OPTIONS" },
    );
    await without.close();

    const again = createApp({ resources: [parcel(async () => ({ notes: ["at last"] })), letter] });
    await again.start({ store: sqliteStore({ path }) });
    assert.deepEqual((await (await again.parcels.attach(url)).settled()).notes, ["at last"]);
    await again.close();
  });

  it("may run beside the version before it: a worker claims only the kinds that it declares", async () => {
    await using folder = await temporaryFolder();
    const base = { name: "parcel", configuration: z.object({ size: z.string() }), details, statuses } as const;
    const old = defineResource({
      ...base,
      create: { status: "Packing", work: async () => ({ notes: ["made by old"] }) },
    });
    const young = defineResource({
      ...base,
      create: { status: "Packing", work: async () => ({ notes: ["made by young"] }) },
      update: { status: "Repacking", work: async () => ({ notes: ["changed by young"] }) },
    });
    const store = sqliteStore({ path: `${folder.path}/afoot.db` });
    const broker = localBroker();
    await store.open({ policies: policiesOf([young]), at: Date.now(), onFatal: (error) => assert.fail(String(error)) });
    await broker.open();
    const parts = { broker, clock: systemClock, log: silentLog };
    const server = createServer({ ...parts, store, types: [young], options: serverOptions() });
    await server.start();
    const { fetchHandler } = await import("../../src/server/http/fetch.ts");
    const fetch = fetchHandler(server.handler);
    const request = async (method: string, url: string, body: unknown): Promise<Record<string, unknown>> => {
      const headers = { "Content-Type": "application/json", Prefer: "wait=20" };
      const response = await fetch(
        new Request(`http://localhost${url}`, { method, headers, body: JSON.stringify(body) }),
      );
      return parseObject(await response.text());
    };

    const oldWorker = createWorker({ ...parts, types: [old] });
    await oldWorker.start();
    const made = await request("POST", "/api/parcels", { configuration: { size: "small" } });
    assert.deepEqual(made["notes"], ["made by old"]);
    const changing = request("PATCH", `/api/parcels/${String(made["id"])}`, { configuration: { size: "large" } });
    const youngWorker = createWorker({ ...parts, types: [young] });
    await youngWorker.start();
    assert.deepEqual((await changing)["notes"], ["changed by young"]);

    await Promise.all([oldWorker.stop({ graceMs: 0 }), youngWorker.stop({ graceMs: 0 })]);
    await server.stop();
    await store.close();
  });

  it("may change the shape of what is stored: migrate shows it as today's, to clients, to PATCH and to work", async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/afoot.db`;
    const before = createApp({
      resources: [
        defineResource({
          name: "parcel",
          configuration: z.object({ weight: z.string() }),
          details: z.object({ note: z.string() }),
          statuses,
          create: { status: "Packing", work: async ({ configuration }) => ({ note: configuration.weight }) },
        }),
      ],
    });
    await before.start({ store: sqliteStore({ path }) });
    const handle = await before.parcels.create({ weight: "3 kg" });
    await handle.settled();
    await before.close();

    const configuration = z.object({ grams: z.number(), fragile: z.boolean().default(false) });
    const old = z.object({ configuration: z.object({ weight: z.string() }), details: z.object({ note: z.string() }) });
    const seen: unknown[] = [];
    const after = createApp({
      resources: [
        defineResource({
          name: "parcel",
          configuration,
          details,
          statuses,
          create: { status: "Packing", work: async () => ({ notes: [] }) },
          update: {
            status: "Repacking",
            async work({ configuration: target, previousConfiguration, details: found }) {
              seen.push(target, previousConfiguration);
              return { notes: [...found.notes, "repacked"] };
            },
          },
          migrate(stored) {
            const earlier = old.safeParse(stored);
            if (!earlier.success) {
              return { configuration: configuration.parse(stored.configuration), details: stored.details };
            }
            const { weight } = earlier.data.configuration;
            return {
              configuration: { grams: Number(weight.replace(" kg", "")) * 1000 },
              details: { notes: [earlier.data.details.note] },
            };
          },
        }),
      ],
    });
    await after.start({ store: sqliteStore({ path }) });
    const parcel = await after.parcels.attach(handle.url);
    const shown = await parcel.settled();
    assert.deepEqual(
      { configuration: shown.configuration, notes: shown.notes },
      { configuration: { grams: 3000, fragile: false }, notes: ["3 kg"] },
    );
    await parcel.update({ fragile: true });
    const changed = await parcel.settled();
    assert.deepEqual(
      { configuration: changed.configuration, notes: changed.notes },
      { configuration: { grams: 3000, fragile: true }, notes: ["3 kg", "repacked"] },
    );
    assert.deepEqual(seen, [
      { grams: 3000, fragile: true },
      { grams: 3000, fragile: false },
    ]);
    await after.close();
  });
});
