import { createApp, defineResource } from "afoot";
import { z } from "zod";

const report = defineResource({
  name: "report",
  configuration: z.object({ title: z.string().min(1) }),
  details: z.object({ pages: z.int() }),
  statuses: { ready: "Ready", failed: "Failed" },
  create: {
    status: "Writing",
    async work({ sleep }) {
      await sleep("think", 100);
      return { pages: 7 };
    },
  },
  update: {
    status: "Rewriting",
    work: async () => ({ pages: 8 }),
  },
});

export default createApp({ resources: [report], operations: true });
