import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** A type without a generatable example. */
const cave = defineResource({
  name: "cave",
  configuration: z.object({ word: z.string().refine((word) => word === "open sesame", "is not the word") }),
  details: z.object({}),
  statuses: { ready: "Open" },
  create: { status: "Opening", work: async () => ({}) },
});

export default createApp({ resources: [cave] });
