import { createApp, defineResource } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";

const report = defineResource({
  name: "report",
  configuration: z.object({ title: z.string().min(1) }),
  details: z.object({ pages: z.int() }),
  statuses: { ready: "Printed" },
  create: {
    status: "Printing",
    async work({ configuration, step, sleep }) {
      const words = await step("collect", async () => configuration.title.split(/\s+/u).length);
      await sleep("drying", 1000);
      return { pages: Math.ceil(words / 2) };
    },
  },
});

async function startApp() {
  const app = createApp({ resources: [report] });
  await app.start({ store: sqliteStore({ path: process.env["DATABASE"] ?? "./data/reports.db" }) });
  process.once("SIGTERM", () => void app.close().finally(() => process.exit()));
  return app;
}

type GlobalWithReports = typeof globalThis & { reports?: ReturnType<typeof startApp> };

/** Returns the app of this process. A global, because Next loads a module once per bundle and again after an edit. */
export function reports(): ReturnType<typeof startApp> {
  return ((globalThis as GlobalWithReports).reports ??= startApp());
}
