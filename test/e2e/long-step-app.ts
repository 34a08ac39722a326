import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** The step `export` takes forever: `yes` reacts to its signal, `deaf` ignores it. Without LONG_STEP it completes at once. */
const longStep = process.env["LONG_STEP"];

const archive = defineResource({
  name: "archive",
  configuration: z.object({}),
  details: z.object({ files: z.number() }),
  statuses: { ready: "Exported" },
  create: {
    status: "Exporting",
    async work({ step }) {
      const files = await step("count", () => 3);
      await step("export", async ({ signal }) => {
        if (longStep === undefined) return;
        process.stderr.write("the step has started\n");
        if (longStep === "deaf") await delay(3_600_000);
        // Keeps the process busy, as a transfer would.
        const timer = setInterval(() => {}, 1000);
        if (!signal.aborted) await once(signal, "abort");
        clearInterval(timer);
        const { code, message } = signal.reason as { readonly code: string; readonly message: string };
        process.stderr.write(`the step was aborted: ${code}: ${message}\n`);
        throw signal.reason;
      });
      return { files };
    },
  },
});

export default createApp({ resources: [archive] });
