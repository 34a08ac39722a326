import { defineResource, type ResourceType, type Work } from "afoot";
import type { CheckedRun } from "afoot/testing";
import { z } from "zod";

const configuration = z.object({ size: z.number(), tags: z.array(z.string()) });
const details = z.object({ name: z.string() });
const receives = { cue: z.object({}) };
const spec = { name: "thing", configuration, details, statuses: { ready: "Ready" }, receives } as const;

type CreateWork = Work<typeof configuration, typeof details, undefined, typeof receives>;
export type Context = Parameters<CreateWork>[0];
/** The work and the environment of a faulty type. */
export type Faulty = Context & CheckedRun;

/** A type with one planted fault. */
export interface Fault {
  /** The expected finding. */
  readonly kind: string;
  readonly step?: string;
  readonly type: (run: CheckedRun) => ResourceType;
}

/** Plants a fault in the work of a create. */
export function fault(kind: string, step: string | undefined, work: (faulty: Faulty) => Promise<unknown>): Fault {
  const type = (run: CheckedRun) =>
    defineResource({
      ...spec,
      create: {
        status: "Creating",
        work: (context) =>
          work({ ...run, ...context, operation: context.operation as never }) as Promise<{ name: string }>,
      },
    });
  return { kind, ...(step === undefined ? {} : { step }), type };
}

/** Plants a fault in the work of a create over a fake that only has state. */
export function stateFault(
  kind: string,
  step: string | undefined,
  work: (state: string[]) => (faulty: Faulty) => Promise<unknown>,
): Fault {
  const type = (run: CheckedRun) => {
    const state: string[] = [];
    run.effects.watch("state", () => state);
    return fault(kind, step, work(state)).type(run);
  };
  return { kind, ...(step === undefined ? {} : { step }), type };
}
