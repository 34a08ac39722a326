import assert from "node:assert/strict";
import { it } from "node:test";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import { silentLog } from "../../src/core/ports/log.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { createPurger } from "../../src/server/storage/purger.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
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
