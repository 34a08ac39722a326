import { setTimeout as sleepMs } from "node:timers/promises";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** Short, so that purges run throughout and the store reaches its final size within the first third of a run. */
const retention = { settledMs: 180_000 };

const configuration = z.object({ ms: z.number().default(50), fails: z.boolean().default(false) });
const details = z.object({ note: z.string() });

/** A resource with steps, progress, failures and undo. */
const order = defineResource({
  name: "order",
  retention,
  configuration,
  details,
  statuses: { ready: "Sent" },
  create: {
    status: "Preparing",
    retry: { attempts: 2, initialMs: 100, maxMs: 100 },
    async work({ configuration: { ms, fails }, step, report }) {
      await step("reserve", () => sleepMs(ms), { undo: () => sleepMs(1) });
      report({ progress: 0.5 });
      const note = await step("pack", async () => {
        await sleepMs(ms);
        if (fails) throw new Error("sold out");
        return "x".repeat(1000);
      });
      return { note };
    },
  },
  update: { status: "Changing", work: async ({ step }) => ({ note: await step("change", () => "changed") }) },
  delete: { status: "Deleting", work: async ({ step }) => step("release", () => {}) },
  concurrency: 200,
});

/** A resource that waits for time and for messages, without occupying a worker. */
const nap = defineResource({
  name: "nap",
  retention,
  configuration,
  details,
  statuses: { ready: "Awake" },
  receives: { alarm: z.object({ by: z.string() }) },
  create: {
    status: "Sleeping",
    async work({ configuration: { ms }, sleep, receive }) {
      await sleep("doze", ms);
      const alarm = await receive("alarm", { timeoutMs: 2000 });
      return { note: alarm?.by ?? "timeout" };
    },
  },
  concurrency: 200,
});

/** A resource whose work runs in an isolated process. */
const sealed = defineResource({
  name: "sealed",
  retention,
  configuration,
  details,
  statuses: { ready: "Done" },
  create: {
    status: "Working",
    isolation: "process",
    async work({ configuration: { ms } }) {
      await sleepMs(ms);
      return { note: String(process.pid) };
    },
  },
});

export default createApp({
  resources: [order, nap, sealed],
  retention: { historyMs: 120_000, deletedMs: 60_000, idempotencyMs: 60_000 },
});
