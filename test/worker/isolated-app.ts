// The module that isolated processes import in tests. The configuration of a resource selects the behaviour of its work.
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import type { WorkContext } from "../../src/core/work.ts";
import { whenAborted } from "./machine.ts";

const configuration = z.object({ does: z.string() });
const details = z.object({ pid: z.number(), note: z.string().optional() });

/** Returns the details of a resource of this module. */
export function detailsOf({ details: text }: { readonly details: string }): z.output<typeof details> {
  return details.parse(JSON.parse(text));
}

type Context = WorkContext<typeof configuration, typeof details, undefined, { hint: z.ZodString }>;

async function work({
  configuration: { does },
  attempt,
  signal,
  step,
  report,
  receive,
}: Context): Promise<{ pid: number; note?: string }> {
  const { pid } = process;
  const aborted = whenAborted(signal);
  // Only some of the cases await it.
  aborted.catch(() => {});
  switch (does) {
    case "steps": {
      const first = await step("first", () => `attempt ${attempt} in ${process.pid}`);
      await receive("hint");
      return { pid, note: first };
    }
    case "report":
      report({ progress: 0.5, status: "Halfway" });
      report({ progress: 0.6 });
      return aborted;
    case "exit":
      return process.exit(1);
    case "loop":
      return endlessly(() => {});
    case "memory": {
      const allocated: unknown[] = [];
      return endlessly(() => allocated.push(Array.from({ length: 1000 }, () => ({}))));
    }
    case "reject":
      void Promise.reject(new Error("left alone"));
      return aborted;
    case "hang":
      await step("hang", () => new Promise(() => {}));
      return { pid };
    case "wait":
      if (attempt === 1) return aborted;
      return { pid };
    case "wait, then exit":
      return attempt === 1 ? aborted : process.exit(1);
    default:
      return { pid };
  }
}

function endlessly(run: () => void): never {
  for (;;) run();
}

const shared = { configuration, details, statuses: { ready: "Ready" }, receives: { hint: z.string() } } as const;
const create = {
  status: "Working",
  work,
  retry: { attempts: 1, lostWorkers: 3, initialMs: 1 },
  timeoutMs: 60_000,
} as const;

/** Always runs in its own process. */
export const sealed = defineResource({ ...shared, name: "sealed", create: { ...create, isolation: "process" } });
/** Runs in the worker's process, unless it has lost its worker. */
export const open = defineResource({ ...shared, name: "open", create });
/** Like `sealed`, with a very short time limit. */
export const hasty = defineResource({
  ...shared,
  name: "hasty",
  create: { ...create, isolation: "process", timeoutMs: 100 },
});

export default createApp({ resources: [sealed, open, hasty] });
