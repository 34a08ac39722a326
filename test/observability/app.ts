import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** Work that fails once, waits for a message, and then succeeds or is undone. */
const order = defineResource({
  name: "order",
  configuration: z.object({ item: z.string(), isSoldOut: z.boolean().default(false) }),
  details: z.object({ by: z.string() }),
  statuses: { ready: "Sent" },
  receives: { approval: z.object({ by: z.string() }) },
  create: {
    status: "Preparing",
    retry: { attempts: 2, initialMs: 10, maxMs: 10 },
    async work({ configuration, attempt, step, sleep, receive }) {
      await step("reserve", () => "shelf 7", { undo: () => {} });
      if (attempt === 1) throw new Error("the first attempt always fails");
      await sleep("rest", 100);
      const { by } = await receive("approval");
      await step("pack", () => {
        if (configuration.isSoldOut) throw new Error("sold out");
      });
      return { by };
    },
  },
});

/** A type whose operations are external. */
const machine = defineResource({
  name: "machine",
  configuration: z.object({ ram: z.string() }),
  details: z.object({ address: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Provisioning", external: true },
});

export default createApp({ resources: [order, machine], messages: true });
