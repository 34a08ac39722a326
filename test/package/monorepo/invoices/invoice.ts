import { defineResource } from "afoot";
import { z } from "zod";

export const invoice = defineResource({
  name: "invoice",
  configuration: z.object({ customer: z.string(), cents: z.int() }),
  details: z.object({ number: z.string() }),
  statuses: { ready: "Sent" },
  create: { status: "Sending", work: ({ configuration }) => ({ number: `2026-${configuration.customer}` }) },
});
