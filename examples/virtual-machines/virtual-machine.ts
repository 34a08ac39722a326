import { defineResource, PermanentError, settle, type Work } from "afoot";
import { z } from "zod";
import { hypervisor } from "./detect.ts";
import { megabytesOf } from "./hypervisor.ts";

const like = (pattern: RegExp, what: string, example: string) =>
  z
    .string()
    .regex(pattern, `${what}, such as "${example}"`)
    .meta({ examples: [example] });
const configuration = z.object({
  os: like(/./, "a name", "Linux"),
  ram: like(/^(?:[1-9]\d{2,4} ?MB|[1-9]\d{0,3} ?GB|[1-9] ?TB)$/, "from 100MB to 9TB", "16GB"),
  storage: like(/^(?:[1-9]\d{0,3} ?GB|[1-9] ?TB)(?: (?:SSD|HDD))?$/, "from 1GB to 9TB", "256GB SSD"),
});
/** `givenRam`: where the host has less to give than was asked for. */
const details = z.object({ IPAddress: z.ipv4(), givenRam: z.string().optional() });

type Context = Parameters<Work<typeof configuration, typeof details>>[0];
type Called = Pick<Context, "configuration" | "previousConfiguration" | "step" | "report">;
/** Of a machine whose creation failed there are none. */
type Known = Partial<z.infer<typeof details>>;

function addressIn({ IPAddress }: Known): string {
  if (IPAddress !== undefined) return IPAddress;
  throw new PermanentError("The machine was never made. Change it, or delete it.", { code: "no-machine" });
}

/** Undone, the machine is off again. */
function boot({ configuration: size, step, report }: Called, machine: string, from: number) {
  const onProgress = (part: number): void => report({ progress: from + (1 - from) * part });
  return step("boot", ({ signal }) => hypervisor.boot(machine, size, { signal, onProgress }), {
    undo: ({ signal }) => hypervisor.shutDown(machine, { force: true, signal }),
  });
}

/** Undone, a machine that was up is up again, as it was. */
function shutDown(
  { configuration: size, previousConfiguration: before = size, step }: Called,
  machine: string,
  force: boolean,
) {
  return step("shut-down", ({ signal }) => hypervisor.shutDown(machine, { force, signal }), {
    undo: async ({ result, signal }) => result !== false && hypervisor.boot(machine, before, { signal }),
  });
}

const make: Work<typeof configuration, typeof details> = async (context) => {
  const { configuration: wanted, step, report } = context;
  const onProgress = (part: number): void => report({ progress: part * 0.3 });
  await step("fetch-image", ({ signal }) => hypervisor.fetchImage(wanted.os, { signal, onProgress }));
  const IPAddress = await step("allocate", ({ idempotencyKey }) => hypervisor.allocate(idempotencyKey, wanted), {
    undo: ({ idempotencyKey, signal }) => hypervisor.release(idempotencyKey, { signal }),
  });
  return { IPAddress, ...(await boot(context, IPAddress, 0.3)) };
};

/** Down, and up again as it is to be now. */
const reboot: Work<typeof configuration, typeof details> = async (context) => {
  const { configuration: wanted, previousConfiguration: before = wanted, report } = context;
  if (wanted.os !== before.os || megabytesOf(wanted.storage) < megabytesOf(before.storage)) {
    throw new PermanentError("A machine keeps its system, and its disk does not shrink.", { code: "unchangeable" });
  }
  const IPAddress = addressIn(context.details);
  const wasUp = await shutDown(context, IPAddress, false);
  report({ progress: 0.3 });
  return wasUp ? { IPAddress, ...(await boot(context, IPAddress, 0.3)) } : settle("Stopped", { IPAddress });
};

/** The resource of the pattern: a machine that takes a while to be there. */
export const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration,
  details,
  statuses: { ready: ["Ready", "Stopped"], failed: "Failed", cancelled: "Cancelled" },
  create: { status: "Provisioning", work: make },
  update: { status: "Resizing", work: (context) => ("IPAddress" in context.details ? reboot : make)(context) },
  delete: {
    status: "Deleting",
    async work({ details: { IPAddress }, step }: { details: Known; step: Called["step"] }) {
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
        return { IPAddress, ...(await boot(context, IPAddress, 0)) };
      },
    },
    restart: { status: "Restarting", work: reboot },
  },
  async observe({ details: { IPAddress } }: { details: Known }) {
    const hasCrashed = IPAddress !== undefined && (await hypervisor.hasCrashed(IPAddress));
    return hasCrashed ? { status: "Stopped" } : undefined;
  },
});
