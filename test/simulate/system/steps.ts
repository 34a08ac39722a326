import { z } from "zod";
import type { Boundary } from "../world/boundary.ts";
import type { ExternalSystem } from "./external-system.ts";
import type { WorkListener } from "./work-listener.ts";

export interface TypeParts {
  readonly boundary: Boundary;
  readonly external: ExternalSystem;
  readonly listener: WorkListener;
  /** Version of the app: the second one has more steps, labels and actions. */
  readonly version: 1 | 2;
}

export const DEADLINE_MS = 200_000;
/** The type whose operations no worker claims. */
export const EXTERNAL_TYPE = "job";
export const UNDO_DEADLINE_MS = 90_000;

export const LIMITS = {
  deadlineMs: DEADLINE_MS,
  timeoutMs: 40_000,
  undo: { deadlineMs: UNDO_DEADLINE_MS, attempts: 50 },
  retry: { attempts: 4, initialMs: 500, maxMs: 5000, lostWorkers: 100 },
} as const;

export const CONFIGURATION = z.object({
  size: z.number().default(1),
  /** Milliseconds that the work sleeps. */
  sleepMs: z.number().default(0),
  /** `flaky`: some calls fail. `permanent`: the last step always fails. */
  fails: z.enum(["never", "flaky", "permanent"]).default("never"),
  tenant: z.string().default("a"),
});
export const DETAILS = z.object({ done: z.array(z.string()) });

interface StepContext {
  readonly operation: { readonly id: string };
  readonly attempt: number;
  readonly configuration: z.output<typeof CONFIGURATION>;
  readonly step: <Result>(
    name: string,
    run: (run: { readonly idempotencyKey: string }) => Promise<Result>,
    options?: { readonly undo: (run: { readonly idempotencyKey: string }) => Promise<void> },
  ) => Promise<unknown>;
}

/** Runs a step with an effect in the other system, which its undo removes. */
export function effect(
  { boundary, external, listener }: TypeParts,
  context: StepContext,
  name: string,
): Promise<unknown> {
  const { operation, attempt, configuration, step } = context;
  const of = { operation: operation.id, step: name };
  return step(
    name,
    async ({ idempotencyKey: key }) => {
      listener.onStep({ operation: operation.id, attempt, name, key });
      if (configuration.fails === "flaky" && boundary.clock.random() < 0.3) throw new Error("the call failed");
      return external.create(boundary, key, of);
    },
    {
      undo: async ({ idempotencyKey: key }) => {
        listener.onUndo({ operation: operation.id, name, key });
        if (boundary.clock.random() < 0.1) throw new Error("the undo failed");
        await external.remove(boundary, key, of);
      },
    },
  );
}
