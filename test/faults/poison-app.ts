// Work that breaks its process in different ways, and innocent work beside it.
import { setTimeout as passes } from "node:timers/promises";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

const statuses = { ready: "Ready", failed: "Failed" } as const;
const details = z.object({ rounds: z.number().optional() });
const allocated: number[][] = [];

const ways = {
  exit: () => process.exit(1),
  loop() {
    for (;;) allocated.length = 0;
  },
  /** Allocates 500 MB of numbers, and continues. */
  memory() {
    for (;;) allocated.push(Array.from({ length: 65_536_000 / 8 }, (_, index) => index + 0.5));
  },
  async rejection() {
    void Promise.reject(new Error("nobody awaits this"));
    await passes(60_000);
  },
};

const poison = defineResource({
  name: "poison",
  configuration: z.object({ way: z.enum(["exit", "loop", "memory", "rejection"]) }),
  details,
  statuses,
  create: {
    status: "Working",
    retry: { attempts: 3, lostWorkers: 3, initialMs: 10, maxMs: 50 },
    async work({ configuration: { way } }) {
      await passes(20);
      await ways[way]();
      return {};
    },
  },
});

const innocent = defineResource({
  name: "innocent",
  configuration: z.object({}),
  details,
  statuses,
  create: {
    status: "Working",
    async work({ step, sleep }) {
      let rounds = 0;
      for (; rounds < 4; rounds++) {
        await step(`round ${rounds}`, () => passes(50));
        await sleep(`pause ${rounds}`, 500);
      }
      return { rounds };
    },
  },
});

export default createApp({ resources: [poison, innocent] });
