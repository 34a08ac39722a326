import { createApp, defineResource } from "afoot";
import { z } from "zod";

const nap = defineResource({
  name: "nap",
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Awake", failed: "Failed" },
  create: {
    status: "Asleep",
    deadlineMs: 60_000,
    async work({ sleep }) {
      await sleep("nap", 4000);
      return {};
    },
  },
});

const hurdle = defineResource({
  name: "hurdle",
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Cleared", failed: "Failed" },
  create: {
    status: "Running",
    retry: { attempts: 2, initialMs: 4000 },
    async work({ attempt }) {
      if (attempt === 1) throw new Error("too high");
      return {};
    },
  },
});

const visit = defineResource({
  name: "visit",
  configuration: z.object({}),
  details: z.object({}),
  statuses: { ready: "Over", failed: "Failed" },
  create: {
    status: "Expected",
    deadlineMs: 60_000,
    async work({ receive }) {
      await receive("guest");
      return {};
    },
  },
  receives: { guest: z.object({}) },
});

export default createApp({ resources: [nap, hurdle, visit] });
