import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** Origin of the background process, a separate program without Afoot. */
const PROCESS = process.env["BACKGROUND_PROCESS"] ?? "";

const status = z.object({
  progress: z.number().optional(),
  outcome: z.enum(["succeeded", "failed"]).optional(),
  details: z.object({ IPAddress: z.ipv4() }).optional(),
});

const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration: z.object({ ram: z.string() }),
  details: z.object({ IPAddress: z.ipv4() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Provisioning",
    async work({ id, configuration, step, observed }) {
      await step("initiate", async () => {
        const response = await fetch(`${PROCESS}/${id}`, { method: "PUT", body: JSON.stringify(configuration) });
        if (!response.ok) throw new Error(`the process answered ${response.status}`);
      });
      return observed();
    },
  },
  async observe({ id, signal }) {
    const response = await fetch(`${PROCESS}/${id}`, { signal });
    return response.ok ? status.parse(await response.json()) : undefined;
  },
});

export default createApp({ resources: [virtualMachine] });
