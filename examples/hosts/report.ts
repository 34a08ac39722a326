import { createApp, defineResource } from "afoot";
import { z } from "zod";

export const report = defineResource({
  name: "report",
  configuration: z.object({ title: z.string().min(1) }),
  details: z.object({ pages: z.int() }),
  statuses: { ready: "Printed" },
  create: {
    status: "Printing",
    async work({ configuration, step, sleep, report: reportProgress }) {
      const words = await step("collect", async () => configuration.title.split(/\s+/u).length);
      reportProgress({ progress: 0.5 });
      await sleep("drying", 1000);
      return { pages: Math.ceil(words / 2) };
    },
  },
});

/** The app. Every host serves it at /api/reports. */
export const app = createApp({ resources: [report] });
