// The app of one copy of the package: every kind of declaration whose types a client or another copy reads.
import { createApp, defineResource, PermanentError, settle } from "afoot";
import { z } from "zod";

export const machine = defineResource({
  name: "virtual-machine",
  configuration: z.object({ os: z.string(), ram: z.string().default("8GB"), password: z.string().optional() }),
  details: z.object({ address: z.string() }),
  redact: ["password"],
  statuses: { ready: ["Ready", "Stopped"] },
  create: {
    status: "Provisioning",
    async work({ configuration, step, sleep, report }) {
      report({ progress: 0.5, details: { address: "unknown" } });
      if (configuration.os === "none") throw new PermanentError("No such system.", { code: "no-such-system" });
      await sleep("think", 10);
      return step("boot", () => ({ address: "192.168.1.10" }), { undo: ({ result }) => result?.address });
    },
  },
  update: { status: "Resizing", work: async ({ details }) => details },
  actions: {
    stop: {
      status: "Stopping",
      input: z.object({ force: z.boolean() }),
      work: async ({ details }) => settle("Stopped", details),
    },
    start: {
      status: "Starting",
      async work({ receive, details }) {
        await receive("approval");
        return details;
      },
    },
  },
  receives: { approval: z.object({ approved: z.boolean() }) },
  observe: () => undefined,
  migrate: ({ configuration, details }) => ({
    configuration: z.object({ os: z.string() }).parse(configuration),
    details,
  }),
});

export const app = createApp({ resources: [machine] });
