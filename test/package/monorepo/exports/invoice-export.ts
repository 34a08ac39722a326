import { defineResource } from "afoot";
import { z } from "zod";

export const invoiceExport = defineResource({
  name: "invoice-export",
  configuration: z.object({ year: z.int() }),
  details: z.object({ url: z.string() }),
  statuses: { ready: "Written" },
  create: { status: "Writing", work: ({ configuration }) => ({ url: `/files/${configuration.year}.csv` }) },
  actions: {
    refresh: { status: "Refreshing", input: z.object({ force: z.boolean() }), work: () => ({ url: "/files" }) },
  },
});
