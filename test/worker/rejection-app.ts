import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { PermanentError } from "../../src/core/errors.ts";
import type { WorkContext } from "../../src/core/work.ts";
import { eventually } from "../support/eventually.ts";

const configuration = z.object({ name: z.string() });
const details = z.object({ from: z.string() });
type Context = WorkContext<typeof configuration, typeof details, undefined, {}>;
type Case = (context: Context) => Promise<{ from: string }>;

const down = async (): Promise<never> => {
  await delay(20);
  throw new Error("down");
};
const full = async (): Promise<never> => {
  await delay(20);
  throw new PermanentError("The disk is full.", { code: "disk-full" });
};
const slow = async (): Promise<string> => delay(150, "slow");

/** Awaits a promise only after another step, and ends with `caught` if it was rejected. */
async function caughtLate({ step }: Context, rejected: Promise<unknown>): Promise<{ from: string }> {
  await step("slow", slow);
  try {
    await rejected;
    return { from: "no error" };
  } catch {
    return { from: "caught" };
  }
}

/** Work that awaits rejected promises late or never. */
const cases: Readonly<Record<string, Case>> = {
  "a plain error": (context) => caughtLate(context, context.step("fails", down)),
  "a permanent error": (context) => caughtLate(context, context.step("fails", full)),
  "a step with tries": (context) =>
    caughtLate(context, context.step("fails", down, { retry: { attempts: 2, initialMs: 1 } })),
  "a sleep": (context) => caughtLate(context, context.sleep("never", -1)),
  "an until": (context) => caughtLate(context, context.until("check", down)),
  "a receive": (context) => caughtLate(context, context.receive("unknown" as never)),
  observed: (context) => caughtLate(context, context.observed()),
  "a used name": (context) =>
    caughtLate(context, Promise.all([context.step("same", () => 1), context.step("same", down)])),
  "a chain": (context) =>
    caughtLate(
      context,
      context
        .step("fails", down)
        .then(() => "never")
        .finally(() => {}),
    ),
  "a function of its own": (context) => caughtLate(context, (async () => void (await context.step("fails", down)))()),
  "a promise of its own": (context) => caughtLate(context, down()),
  async "a loop over an array"({ step }) {
    const names = ["a", "b", "c"];
    const caught: string[] = [];
    const disks = names.map((name, index) => step(name, () => (index === 0 ? slow() : down())));
    for (const [index, disk] of disks.entries()) {
      try {
        await disk;
      } catch {
        caught.push(names[index] ?? "");
      }
    }
    return { from: caught.join(",") };
  },
  async "a lost race"({ step }) {
    const winner = await Promise.race([step("fast", () => "fast"), step("fails", down)]);
    await step("slow", slow);
    return { from: winner };
  },
  async "allSettled later"({ step }) {
    const started = [step("fails", down), step("fails too", full)];
    await step("slow", slow);
    const outcomes = await Promise.allSettled(started);
    return { from: outcomes.map(({ status }) => status).join(",") };
  },
  async "never awaited"({ step }) {
    void step("forgotten", full);
    await step("slow", slow);
    return { from: "work" };
  },
  async "never awaited, plain"({ step }) {
    void step("forgotten", down);
    return { from: "work" };
  },
  async "a chain never awaited"({ step }) {
    void step("first", () => "done").then(full);
    await step("slow", slow);
    return { from: "work" };
  },
  async "its own, never awaited"({ step }) {
    void full();
    await step("slow", slow);
    return { from: "work" };
  },
  async "its own on a step, never awaited"({ step }) {
    void (async () => {
      await step("forgotten", full);
    })();
    await step("slow", slow);
    return { from: "work" };
  },
  async "in a step, never awaited"({ step }) {
    await step("careless", async () => {
      void full();
      await slow();
    });
    return { from: "work" };
  },
  async "an exception in a timer"({ step }) {
    await step("careless", async () => {
      setTimeout(() => {
        throw new PermanentError("The disk is full.", { code: "disk-full" });
      }, 20);
      await slow();
    });
    return { from: "work" };
  },
  async "in an undo, never awaited"({ step }) {
    await step("careless", () => {}, {
      undo: async () => {
        void full();
        await slow();
      },
    });
    throw new PermanentError("Undo it.", { code: "undo-it" });
  },
};

const create = {
  status: "Writing",
  retry: { attempts: 1 },
  work: async (context: Context) => (cases[context.configuration.name] ?? down)(context),
} as const;
const shared = { configuration, details, statuses: { ready: "Ready" } } as const;
const report = defineResource({ ...shared, name: "report", create });
const isolatedReport = defineResource({
  ...shared,
  name: "isolated-report",
  create: { ...create, isolation: "process" },
});

export const names: readonly string[] = Object.keys(cases);

export type Send = (path: string, method: "GET" | "POST", body?: object) => Promise<Record<string, unknown>>;

/** Runs a case to its end, and returns the details or the error that clients see. */
export async function outcomeOf(send: Send, name: string, path = "/api/reports"): Promise<unknown> {
  const { id } = await send(path, "POST", { configuration: { name } });
  const settled = await eventually(`the report ${name} to settle`, async () => {
    const shown = await send(`${path}/${String(id)}`, "GET");
    return shown["status"] !== "Writing" && shown["status"] !== "Undoing" && shown;
  });
  return settled["from"] ?? settled["error"];
}

export default createApp({ resources: [report, isolatedReport] });
