// The declaration of the architecture's example, and every inference it promises, without one annotation.
import { z } from "zod";
import { settle } from "../settle.ts";
import type { Work } from "../work.ts";
import { defineResource } from "./define-resource.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_Check extends true>(): void {}

const hypervisor = {
  allocate: async (storage: string) => ({ disk: storage, at: new Date() }),
  release: async (_disk: { disk: string; at: string } | string) => {},
  boot: async (_disk: { disk: string; at: string }, key: string) => ({ address: key }),
  describe: async (_id: string) => ({ progress: 0.5 }),
};

const configuration = z.object({ os: z.string(), ram: z.string().default("8GB"), storage: z.string() });
const details = z.object({ IPAddress: z.ipv4() });

const resize: Work<typeof configuration, typeof details> = async ({ configuration, details, input }) => {
  is<Equal<typeof configuration, { os: string; ram: string; storage: string }>>();
  is<Equal<typeof input, undefined>>();
  return details;
};

export const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration,
  details,
  statuses: { ready: ["Ready", "Stopped"], failed: "Failed", cancelled: "Cancelled" },
  create: {
    status: "Provisioning",
    async work({ configuration, step, report, receive, until }) {
      is<Equal<typeof configuration, { os: string; ram: string; storage: string }>>();
      const disk = await step("allocate-disk", () => hypervisor.allocate(configuration.storage), {
        undo: ({ result, idempotencyKey }) => hypervisor.release(result ?? idempotencyKey),
      });
      is<Equal<typeof disk, { disk: string; at: string }>>();
      report({ progress: 0.5, details: { IPAddress: "192.168.1.10" } });
      // @ts-expect-error a details field that the schema does not have
      report({ details: { address: "192.168.1.10" } });
      const machine = await step("boot", ({ idempotencyKey }) => hypervisor.boot(disk, idempotencyKey));
      const approval = await receive("approval");
      is<Equal<typeof approval, { approved: boolean; by: string }>>();
      const late = await receive("approval", { timeoutMs: 1000 });
      is<Equal<typeof late, { approved: boolean; by: string } | undefined>>();
      // @ts-expect-error a message that the type does not declare
      await receive("rejection");
      const up = await until("answers", () => (machine.address === "" ? undefined : { since: new Date() }));
      is<Equal<typeof up, { since: string }>>();
      return { IPAddress: machine.address };
    },
  },
  update: { status: "Resizing", work: resize, retry: { attempts: 5 }, timeoutMs: 600_000, deadlineMs: 86_400_000 },
  delete: { status: "Deleting", work: async ({ details }) => hypervisor.release(details.IPAddress) },
  actions: {
    stop: {
      status: "Stopping",
      input: z.object({ force: z.boolean() }),
      async work({ input, details }) {
        is<Equal<typeof input, { force: boolean }>>();
        return settle("Stopped", details);
      },
    },
    start: {
      status: "Starting",
      async work({ input, details, receive }) {
        is<Equal<typeof input, undefined>>();
        const approval = await receive("approval");
        is<Equal<typeof approval, { approved: boolean; by: string }>>();
        return details;
      },
    },
  },
  receives: { approval: z.object({ approved: z.boolean(), by: z.string() }) },
  observe: async ({ id, configuration, details: shown, kind }) => {
    is<Equal<typeof configuration.os, string>>();
    is<Equal<typeof shown, z.infer<typeof details>>>();
    is<Equal<typeof kind, string | undefined>>();
    return hypervisor.describe(id);
  },
  concurrency: {
    per: ({ owner, configuration }) => {
      is<Equal<typeof owner, string>>();
      is<Equal<typeof configuration, { os: string; ram: string; storage: string }>>();
      return configuration.os;
    },
    limit: 2,
  },
});

defineResource({
  name: "without-key",
  configuration,
  details,
  statuses: { ready: "Ready" },
  create: { status: "Provisioning", external: true },
  // @ts-expect-error -- a key that is no text
  concurrency: { per: ({ configuration }) => configuration.os.length, limit: 2 },
});

defineResource({
  name: "wrongly-observed",
  configuration,
  details,
  statuses: { ready: "Ready" },
  create: { status: "Provisioning", external: true },
  // @ts-expect-error -- details of another type
  observe: () => ({ details: { IPAddress: 5 } }),
});

type Spec = NonNullable<(typeof virtualMachine)["~spec"]>;
is<Equal<Spec["name"], "virtual-machine">>();
is<Equal<Spec["path"], "virtual-machines">>();
is<Equal<Spec["ready"], "Ready" | "Stopped">>();
is<Equal<keyof Spec["actions"], "stop" | "start">>();
is<Equal<keyof Spec["messages"], "approval">>();

defineResource({
  name: "order",
  configuration,
  details,
  statuses: { ready: "Done" },
  create: {
    status: "Working",
    // @ts-expect-error a label that is not a ready one
    work: async () => settle("Finished", { IPAddress: "192.168.1.10" }),
  },
});

defineResource({
  name: "order",
  configuration,
  details,
  statuses: { ready: "Done" },
  create: {
    status: "Working",
    // @ts-expect-error details of another shape
    work: async () => ({ IPAddress: 10 }),
  },
});

defineResource({
  name: "order",
  configuration,
  details,
  statuses: { ready: "Done" },
  create: { status: "Working", external: true },
});

const person = defineResource({
  name: "person",
  path: "people",
  configuration,
  details,
  statuses: { ready: "Known" },
  create: { status: "Asking", external: true },
});
is<Equal<NonNullable<(typeof person)["~spec"]>["path"], "people">>();
