import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** A type whose work fails in every way that is logged. */
const database = defineResource({
  name: "database",
  configuration: z.object({ size: z.string(), password: z.string().min(8) }),
  redact: ["password"],
  details: z.object({ address: z.string() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Creating",
    retry: { attempts: 2, initialMs: 1 },
    work: ({ configuration: { size, password } }) => {
      if (password === "") throw new Error("work is given it");
      if (size === "bad") throw new Error("there is no room");
      return { address: "10.0.0.1" };
    },
  },
  update: { status: "Changing", work: () => ({ address: "10.0.0.2" }) },
});

export default createApp({ resources: [database], messages: true, worker: true, operations: true, requestLog: true });
