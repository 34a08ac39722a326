import { defineResource, PermanentError, type ResourceType, settle } from "afoot";
import type { CheckedRun } from "afoot/testing";
import { z } from "zod";

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

const configuration = z.object({ size: z.number(), approve: z.boolean().default(true) });
const details = z.object({ disk: z.string(), address: z.string(), approvedBy: z.string(), madeAt: z.string() });

/** The machine before an update, an action or a delete. */
export const before = { details: { disk: "1", address: "10.0.0.1", approvedBy: "Ann", madeAt: "2026" } };
export const POWER = { effect: "power", key: "10.0.0.1" };

/** A pool of addresses, which gives each key one. */
class Pool {
  readonly #taken = new Map<string, string>();

  get size(): number {
    return this.#taken.size;
  }

  take(key: string): string {
    const address = this.#taken.get(key) ?? `10.0.0.${this.#taken.size + 1}`;
    this.#taken.set(key, address);
    return address;
  }

  release(key: string): void {
    this.#taken.delete(key);
  }
}

/** Creates a type without faults that uses every call and every option of work. */
export function machineOver({ effects, clock, send }: CheckedRun): ResourceType<{
  name: "machine";
  path: "machines";
  configuration: typeof configuration;
  details: typeof details;
  ready: "Ready" | "Stopped";
  actions: {};
  messages: { approval: z.ZodObject<{ by: z.ZodString }> };
  redact: never;
}> {
  const pool = new Pool();
  effects.watch("addresses", () => pool.size);

  return defineResource({
    name: "machine",
    configuration,
    details,
    statuses: { ready: ["Ready", "Stopped"] },
    receives: { approval: z.object({ by: z.string() }) },
    create: {
      status: "Creating",
      async work({ configuration: { size, approve }, step, sleep, until, receive, report, signal }) {
        report({ progress: 0.1, status: "Allocating" });
        const madeAt = await step("now", () => new Date().toISOString());
        const [disk, address] = await Promise.all([
          step(
            "disk",
            ({ idempotencyKey: key }) => effects.perform({ effect: "disk", key, input: size }, () => `${size}`),
            {
              undo: ({ idempotencyKey: key }) => effects.revert({ effect: "disk", key }),
              retry: { attempts: 3 },
            },
          ),
          step("address", ({ idempotencyKey }) => pool.take(idempotencyKey), {
            undo: ({ idempotencyKey }) => pool.release(idempotencyKey),
          }),
        ]);
        report({ progress: 0.5, details: { disk } });
        await sleep("drying", HOUR_MS);
        await step("ask", async ({ idempotencyKey: key }) => {
          const isNew = effects.perform({ effect: "mail", key, lasting: true }, () => approve);
          if (isNew) await send("approval", { by: "Ann" }, 1000);
        });
        const approval = await receive("approval", { timeoutMs: DAY_MS });
        if (approval === undefined) throw new PermanentError("Nobody approved.", { code: "not-approved" });
        let checks = 0;
        await until("checked", () => ++checks > 0, { everyMs: 1000 });
        signal.throwIfAborted();
        await step(
          "boot",
          async ({ idempotencyKey: key, signal: aborted }) => {
            await clock.sleep(60_000, aborted);
            effects.perform({ effect: "boot", key });
          },
          { undo: ({ idempotencyKey: key }) => effects.revert({ effect: "boot", key }) },
        );
        return { disk, address, approvedBy: approval.by, madeAt };
      },
    },
    update: {
      status: "Resizing",
      async work({ configuration: { size }, previousConfiguration: previous, details: known, step }) {
        await step("resize", ({ idempotencyKey: key }) => effects.perform({ effect: "resize", key, input: size }), {
          undo: ({ idempotencyKey: key }) => effects.revert({ effect: "resize", key }),
        });
        return { ...known, disk: `${size} after ${previous?.size}` };
      },
    },
    actions: {
      stop: {
        status: "Stopping",
        async work({ details: known, step }) {
          await step("stop", () => effects.revert(POWER), {
            undo: () => {
              effects.perform(POWER);
            },
          });
          return settle("Stopped", known);
        },
      },
    },
    delete: {
      status: "Deleting",
      async work({ step }) {
        await step("remove", () => effects.revert(POWER));
      },
    },
  });
}

/** A type that leaves the end of its create to an external process. */
export const backup = defineResource({
  name: "backup",
  configuration: z.object({}),
  details: z.object({ bytes: z.number() }),
  statuses: { ready: "Saved" },
  create: {
    status: "Saving",
    async work({ step, observed }) {
      await step("begin", () => {});
      return observed();
    },
  },
  update: { status: "Saving again", external: true },
  observe: () => ({ outcome: "succeeded", details: { bytes: 7 } }),
});
