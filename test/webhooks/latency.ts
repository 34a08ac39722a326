import { randomBytes } from "node:crypto";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import { postgresStore } from "../../src/stores/postgres/index.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { startPostgres } from "../support/postgres.ts";
import { startReceiver } from "./receiver.ts";

const thing = defineResource({
  name: "thing",
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Ready" },
  create: { status: "Making", work: () => ({}) },
});

/** Measures the time from the settling of a resource, by its own clock, to the arrival of its event in an idle app. */
export async function measureLatency(
  store: "sqlite" | "postgres",
  count: number,
): Promise<{ readonly p50: number; readonly p95: number }> {
  await using folder = await temporaryFolder();
  await using receiver = await startReceiver();
  const postgres = store === "postgres" ? await startPostgres() : undefined;
  const secrets = [`whsec_${randomBytes(24).toString("base64")}`];
  const app = createApp({
    resources: [thing],
    webhooks: { endpoints: [{ url: receiver.url, secrets }], allow: ["127.0.0.1"] },
  });
  await app.start({
    store:
      postgres === undefined ? sqliteStore({ path: `${folder.path}/afoot.db` }) : postgresStore({ url: postgres.url }),
  });
  try {
    const measured: number[] = [];
    for (let index = 0; index < count; index++) {
      const { id } = await app.things.create({});
      const { text, arrivedAt } = await receiver.received((request) => request.text.includes(id));
      const { timestamp } = JSON.parse(text) as { timestamp: string };
      measured.push(arrivedAt - Date.parse(timestamp));
    }
    const sorted = measured.toSorted((a, b) => a - b);
    const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? NaN;
    return { p50: at(0.5), p95: at(0.95) };
  } finally {
    await app.close();
    await postgres?.remove();
  }
}
