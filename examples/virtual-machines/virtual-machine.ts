import { defineResource, settle } from "afoot";
import { z } from "zod";
import { simulatedHypervisor as hypervisor } from "./simulated-hypervisor.ts";

const size = z.string().regex(/^\d+ ?(?:MB|GB|TB)(?: (?:SSD|HDD))?$/, 'a size such as "16GB" or "256GB SSD"');

/** The resource of the pattern: a machine that takes a while to be there. */
export const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration: z.object({
    os: z
      .string()
      .min(1)
      .meta({ examples: ["Linux"] }),
    ram: size.meta({ examples: ["16GB"] }),
    storage: size.meta({ examples: ["256GB SSD"] }),
  }),
  details: z.object({ IPAddress: z.ipv4() }),
  statuses: { ready: ["Ready", "Stopped"], failed: "Failed", cancelled: "Cancelled" },
  create: {
    status: "Provisioning",
    async work({ configuration, step, report, signal }) {
      const stages = hypervisor.stages(report, signal);
      const disk = await step(
        "allocate-disk",
        ({ idempotencyKey }) => stages.allocate(configuration.storage, idempotencyKey),
        {
          undo: ({ result, idempotencyKey }) => hypervisor.release(result ?? { disk: idempotencyKey }),
        },
      );
      await step("copy-image", () => stages.copyImage(configuration.os, disk));
      const machine = await step("boot", ({ idempotencyKey }) => stages.boot(disk, idempotencyKey));
      return { IPAddress: machine.address };
    },
  },
  update: {
    status: "Resizing",
    async work({ details, step, report, signal }) {
      await step("resize", () => hypervisor.stages(report, signal).resize());
      return details;
    },
  },
  delete: {
    status: "Deleting",
    async work({ step, report, signal }) {
      await step("destroy", () => hypervisor.stages(report, signal).destroy());
    },
  },
  actions: {
    stop: {
      status: "Stopping",
      input: z.object({ force: z.boolean().default(false) }),
      async work({ input, details, step, report, signal }) {
        await step("stop", () => hypervisor.stages(report, signal).stop(input.force));
        return settle("Stopped", details);
      },
    },
    start: {
      status: "Starting",
      async work({ details, step, report, signal }) {
        await step("start", () => hypervisor.stages(report, signal).start());
        return details;
      },
    },
  },
});
