import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** Work in a process of its own that waits for a message, and then reports who asked for it. */
const report = defineResource({
  name: "report",
  configuration: z.object({}),
  details: z.object({ asked: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Writing",
    isolation: "process",
    async work({ owner, principal, receive }) {
      await receive("approval");
      return { asked: `${principal?.id} of ${owner}, ${principal?.tenant}` };
    },
  },
  receives: { approval: z.object({}) },
});

export default createApp({
  resources: [report],
  authenticate: ({ header }) => ({ id: header("authorization") ?? "", owner: "team-1", tenant: "acme" }),
});
