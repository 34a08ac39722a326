import { defineResource, PermanentError, settle, type Work } from "afoot";
import { z } from "zod";
import { hypervisor } from "./detect.ts";
import { megabytesOf } from "./hypervisor.ts";

const matching = (pattern: RegExp, description: string, example: string) =>
  z
    .string()
    .regex(pattern, `${description}, such as "${example}"`)
    .meta({ examples: [example] });
const configuration = z.object({
  os: matching(/./, "a name", "Linux"),
  ram: matching(/^(?:[1-9]\d{2,4} ?MB|[1-9]\d{0,3} ?GB|[1-9] ?TB)$/, "from 100MB to 9TB", "16GB"),
  storage: matching(/^(?:[1-9]\d{0,3} ?GB|[1-9] ?TB)(?: (?:SSD|HDD))?$/, "from 1GB to 9TB", "256GB SSD"),
});
/** `givenRam` is present if the machine has less memory than requested. */
const details = z.object({ IPAddress: z.ipv4(), givenRam: z.string().optional() });

type Context = Parameters<Work<typeof configuration, typeof details>>[0];
type CallContext = Pick<Context, "configuration" | "previousConfiguration" | "step" | "report">;
/** Details are empty if the creation failed. */
type KnownDetails = Partial<z.infer<typeof details>>;

function addressIn({ IPAddress }: KnownDetails): string {
  if (IPAddress !== undefined) return IPAddress;
  throw new PermanentError("The machine was never created. Update or delete it.", { code: "no-machine" });
}

/** Boots a machine. The undo switches it off, unless it was up before. */
function boot({ configuration: size, step, report }: CallContext, machine: string, from: number, wasUp = false) {
  const onProgress = (part: number): void => report({ progress: from + (1 - from) * part });
  return step("boot", ({ signal }) => hypervisor.boot(machine, size, { signal, onProgress }), {
    undo: async ({ signal }) => wasUp || hypervisor.shutDown(machine, { force: true, signal }),
  });
}

/** Shuts a machine down, and returns true if it was up. Then the undo boots it again in its previous size. */
async function shutDown(
  { configuration: size, previousConfiguration: previous = size, step }: CallContext,
  machine: string,
  force: boolean,
) {
  // A step of its own, because a repeated shutdown would find the machine down.
  const wasUp = await step("check", () => hypervisor.isUp(machine));
  await step("shut-down", ({ signal }) => hypervisor.shutDown(machine, { force, signal }), {
    undo: async ({ signal }) => wasUp && hypervisor.boot(machine, previous, { signal }),
  });
  return wasUp;
}

const create: Work<typeof configuration, typeof details> = async (context) => {
  const { configuration: size, step, report } = context;
  const onProgress = (part: number): void => report({ progress: part * 0.3 });
  await step("fetch-image", ({ signal }) => hypervisor.fetchImage(size.os, { signal, onProgress }));
  const IPAddress = await step("allocate", ({ idempotencyKey }) => hypervisor.allocate(idempotencyKey, size), {
    undo: ({ idempotencyKey, signal }) => hypervisor.release(idempotencyKey, { signal }),
  });
  return { IPAddress, ...(await boot(context, IPAddress, 0.3)) };
};

/** Shuts a machine down and boots it in its new size. */
const reboot: Work<typeof configuration, typeof details> = async (context) => {
  const { configuration: size, previousConfiguration: previous = size, report } = context;
  if (size.os !== previous.os || megabytesOf(size.storage) < megabytesOf(previous.storage)) {
    throw new PermanentError("The operating system cannot be changed, and the disk cannot shrink.", {
      code: "unchangeable",
    });
  }
  const IPAddress = addressIn(context.details);
  const wasUp = await shutDown(context, IPAddress, false);
  report({ progress: 0.3 });
  return wasUp ? { IPAddress, ...(await boot(context, IPAddress, 0.3)) } : settle("Stopped", { IPAddress });
};

/** The example resource of the pattern: a machine that takes time to provision. */
export const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration,
  details,
  statuses: { ready: ["Ready", "Stopped"], failed: "Failed", cancelled: "Cancelled" },
  create: { status: "Provisioning", work: create },
  update: { status: "Resizing", work: (context) => ("IPAddress" in context.details ? reboot : create)(context) },
  delete: {
    status: "Deleting",
    async work({ details: { IPAddress }, step }: { details: KnownDetails; step: CallContext["step"] }) {
      if (IPAddress !== undefined) await step("release", ({ signal }) => hypervisor.release(IPAddress, { signal }));
    },
  },
  actions: {
    stop: {
      status: "Stopping",
      input: z.object({ force: z.boolean().default(false) }),
      async work(context) {
        const IPAddress = addressIn(context.details);
        await shutDown(context, IPAddress, context.input.force);
        return settle("Stopped", { IPAddress });
      },
    },
    start: {
      status: "Starting",
      async work(context) {
        const IPAddress = addressIn(context.details);
        const wasUp = await context.step("check", () => hypervisor.isUp(IPAddress));
        return { IPAddress, ...(await boot(context, IPAddress, 0, wasUp)) };
      },
    },
    restart: { status: "Restarting", work: reboot },
  },
  async observe({ details: { IPAddress } }: { details: KnownDetails }) {
    const hasCrashed = IPAddress !== undefined && (await hypervisor.hasCrashed(IPAddress));
    return hasCrashed ? { status: "Stopped" } : undefined;
  },
});
