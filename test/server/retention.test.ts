import assert from "node:assert/strict";
import { it } from "node:test";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import type { ResourceType } from "../../src/core/definition/resource-type.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import type { Commit } from "../../src/server/storage/commit.ts";
import { createExpiry } from "../../src/server/storage/expiry.ts";
import { createPurger } from "../../src/server/storage/purger.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";

it("purges expired rows, and nothing that is younger or still in use", async () => {
  await using folder = await temporaryFolder();
  const parcel = defineResource({
    name: "parcel",
    configuration: z.object({}),
    details: z.object({}),
    statuses: { ready: "Ready" },
    create: { status: "Packing", work: async () => ({}) },
  });
  const app = createApp({ resources: [parcel] });
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  await app.start({ store });
  const request = async (method: string, path: string): Promise<{ status: number; text: string }> => {
    const response = await app.fetch(new Request(`http://localhost${path}`, { method }));
    return { status: response.status, text: await response.text() };
  };
  const [kept, deleted] = await Promise.all([app.parcels.create({}), app.parcels.create({})]);
  await Promise.all([kept.settled(), deleted.settled()]);
  const gone = new URL(deleted.url).pathname;
  const stays = new URL(kept.url).pathname;
  await deleted.delete();
  assert.match((await request("GET", gone)).text, /resource-deleted/);

  const retention = { deletedMs: 3_600_000, historyMs: 3_600_000, idempotencyMs: 3_600_000 };
  const purgerAfter = (ms: number) =>
    createPurger({ store, log: silentLog, retention, clock: { ...systemClock, now: () => Date.now() + ms } });
  assert.equal(await purgerAfter(3_000_000).purge(), 0);
  assert.match((await request("GET", gone)).text, /resource-deleted/);

  assert.ok((await purgerAfter(4_000_000).purge()) > 0);
  assert.match((await request("GET", gone)).text, /resource-not-found/);
  assert.equal((await request("GET", stays)).status, 200);
  assert.deepEqual(parseObject((await request("GET", `${stays}/history`)).text)["items"], []);
  await app.close();
});

it("deletes settled resources after the retention time of their type, and none that is in progress", async () => {
  await using folder = await temporaryFolder();
  const declared = {
    configuration: z.object({ hold: z.boolean().default(false) }),
    details: z.object({}),
    statuses: { ready: "Ready" },
    retention: { settledMs: 3_600_000 },
  } as const;
  const parcel = defineResource({
    ...declared,
    name: "parcel",
    create: {
      status: "Packing",
      work: async ({ configuration, receive }) => {
        if (configuration.hold) await receive("go");
        return {};
      },
    },
    receives: { go: z.object({}) },
  });
  const removed: string[] = [];
  const box = defineResource({
    ...declared,
    name: "box",
    create: { status: "Folding", work: async () => ({}) },
    delete: { status: "Crushing", work: async ({ id }) => void removed.push(id) },
  });
  const kept = defineResource({
    name: "letter",
    configuration: z.object({}),
    details: z.object({ expiresAt: z.string() }),
    statuses: { ready: "Ready" },
    create: { status: "Writing", work: async () => ({ expiresAt: "never" }) },
  });
  const types = [kept, parcel, box];
  const app = createApp({ resources: types });
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  await app.start({ store });
  const get = async (url: string): Promise<Record<string, unknown>> => {
    const response = await app.fetch(new Request(`http://localhost${new URL(url).pathname}`));
    return parseObject(await response.text());
  };

  const many = await Promise.all(Array.from({ length: 250 }, () => app.parcels.create({})));
  const [held, crate, letter] = await Promise.all([
    app.parcels.create({ hold: true }),
    app.boxes.create({}),
    app.letters.create({}),
  ]);
  await Promise.all([...many, crate, letter].map((handle) => handle.settled()));
  const [row] = await store.read([{ type: "box", id: crate.id }]);
  const settledAt = row?.operation.settledAt ?? assert.fail();
  assert.equal((await get(crate.url))["expiresAt"], new Date(settledAt + 3_600_000).toISOString());
  assert.equal("expiresAt" in (await get(held.url)), false);
  assert.equal((await get(letter.url))["expiresAt"], "never", "a detail of a type without retention");

  const expire = async (expiring: readonly ResourceType[]): Promise<void> => {
    const commit: Commit = async (changes) => store.apply(changes);
    const expiry = createExpiry({ types: expiring, store, commit, log: silentLog, clock: systemClock });
    while (await expiry.examine());
  };
  await expire(types);
  assert.equal((await get(many[0]?.url ?? ""))["status"], "Ready");
  const settledBy = Date.now();
  await eventually("a later millisecond", () => Date.now() > settledBy + 1);
  await expire(types.map((type) => (type.settledMs === undefined ? type : { ...type, settledMs: 1 })));
  for (const { url } of many) assert.equal((await get(url))["code"], "resource-deleted");
  assert.equal((await get(held.url))["status"], "Packing");
  assert.equal((await get(letter.url))["status"], "Ready");
  // Wakes the worker, which the commit of this test does not.
  await app.boxes.create({});
  await crate.deleted();
  assert.deepEqual(removed, [crate.id], "the work of the delete has run");
  await held.cancel();
  await app.close();
});

it("keeps a parent while a child is in progress, and a child while its parent is", async () => {
  await using folder = await temporaryFolder();
  const declared = { details: z.object({}), statuses: { ready: "Ready" }, retention: { settledMs: 1 } } as const;
  const item = defineResource({
    ...declared,
    name: "item",
    configuration: z.object({ hold: z.boolean() }),
    create: {
      status: "Packing",
      work: async ({ configuration, receive }) => (configuration.hold ? receive("go") : {}),
    },
    receives: { go: z.object({}) },
  });
  const group = defineResource({
    ...declared,
    name: "group",
    configuration: z.object({ hold: z.boolean() }),
    children: { items: item },
    create: {
      status: "Grouping",
      async work({ configuration: { hold }, child, settled, receive }) {
        const one = await child("one", "items", { hold: !hold });
        if (hold) await settled(one);
        return hold ? receive("go") : {};
      },
    },
    receives: { go: z.object({}) },
  });
  const types = [group, item];
  const app = createApp({ resources: types });
  const store = sqliteStore({ path: `${folder.path}/afoot.db` });
  await app.start({ store });
  const expire = async (): Promise<readonly string[]> => {
    const commit: Commit = async (changes) => store.apply(changes);
    const expiry = createExpiry({ types, store, commit, log: silentLog, clock: systemClock });
    while (await expiry.examine());
    const rows = await Promise.all(["group", "item"].map((type) => store.list({ type, limit: 10 })));
    return rows.flat().map(({ type, status }) => `${type} ${status}`);
  };

  const settledParent = await app.groups.create({ hold: false });
  await settledParent.settled();
  const waitingParent = await app.groups.create({ hold: true });
  await eventually("the child of the parent that waits", async () => {
    const [row] = await store.read([{ type: "group", id: waitingParent.id }]);
    return row?.operation.awaitedMessages.includes("go");
  });
  const settledBy = Date.now();
  await eventually("a later millisecond", () => Date.now() > settledBy + 1);
  const kept = await expire();
  assert.deepEqual(kept.toSorted(), ["group Grouping", "group Ready", "item Packing", "item Ready"]);
  await waitingParent.cancel();
  for (const { id } of await store.list({ type: "item", statuses: ["Packing"], limit: 10 })) {
    await (await app.items.get(id)).send("go", {});
  }
  await eventually("all of them to be deleted", async () => (await expire()).length === 0);
  await app.close();
});
