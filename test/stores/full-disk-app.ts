import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

const GATE = process.env["FULL_DISK_GATE"] ?? "";

const report = defineResource({
  name: "report",
  configuration: z.object({ text: z.string(), isGated: z.boolean().default(false) }),
  details: z.object({ size: z.number() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Writing",
    async work({ configuration: { text, isGated }, step, signal }) {
      await step("begin", () => 1);
      if (isGated) while (!existsSync(GATE)) await pause(50, undefined, { signal });
      await step("end", () => 2);
      return { size: text.length };
    },
  },
  delete: { status: "Removing", work: async ({ step }) => void (await step("remove", () => true)) },
});

export default createApp({ resources: [report] });
