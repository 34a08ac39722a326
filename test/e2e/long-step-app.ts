import { once } from "node:events";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** With LONG_STEP, the step `export` takes forever and only reacts to its signal; without, it completes at once. */
const isLong = process.env["LONG_STEP"] === "yes";

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
        if (!isLong) return;
        process.stderr.write("the step has started\n");
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
