import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";

/** Work in two steps, with a wait whose end every process can reach. */
const machine = defineResource({
  name: "machine",
  description: "A machine for tests.",
  configuration: z.object({ size: z.string(), seconds: z.number().default(1) }),
  details: z.object({ address: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Provisioning",
    async work({ configuration: { size, seconds }, step, sleep, report }) {
      const address = await step("allocate", async () => `10.0.0.1/${size}`);
      report({ progress: 0.5 });
      await sleep("boot", seconds * 1000);
      return { address };
    },
  },
  actions: { stop: { status: "Stopping", work: async () => ({ address: "none" }) } },
});

export default createApp({ resources: [machine], mcp: true });
