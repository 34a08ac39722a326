import { randomBytes } from "node:crypto";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** A resource whose work only reports progress, so that the framework is measured. */
const widget = defineResource({
  name: "widget",
  configuration: z.object({ size: z.string() }),
  details: z.object({ serial: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Making",
    async work({ report }) {
      report({ progress: 0.25 });
      report({ progress: 0.5 });
      report({ progress: 0.75 });
      return { serial: randomBytes(4).toString("hex") };
    },
  },
  concurrency: 1000,
});

/** A resource that stays in progress during the measurement of GET. */
const slowWidget = defineResource({
  name: "slow-widget",
  configuration: z.object({ size: z.string() }),
  details: z.object({ serial: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Making",
    async work({ report, sleep }) {
      report({ progress: 0.5, estimatedTimeRemainingMs: 900_000 });
      await sleep("long", 3_600_000);
      return { serial: "none" };
    },
  },
});

export default createApp({ resources: [widget, slowWidget] });
