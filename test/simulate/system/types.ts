import { defineResource } from "afoot";
import { z } from "zod";
import type { ResourceType } from "../../../src/core/definition/resource-type.ts";
import type { Boundary } from "../world/boundary.ts";
import type { ExternalSystem } from "./external-system.ts";
import type { WorkListener } from "./work-listener.ts";

export interface TypeParts {
  readonly boundary: Boundary;
  readonly external: ExternalSystem;
  readonly listener: WorkListener;
}

export const DEADLINE_MS = 200_000;
/** The type whose operations no worker claims. */
export const EXTERNAL_TYPE = "job";
export const UNDO_DEADLINE_MS = 90_000;

const LIMITS = {
  deadlineMs: DEADLINE_MS,
  timeoutMs: 40_000,
  undo: { deadlineMs: UNDO_DEADLINE_MS, attempts: 50 },
  retry: { attempts: 4, initialMs: 500, maxMs: 5000, lostWorkers: 100 },
} as const;

const CONFIGURATION = z.object({
  size: z.number().default(1),
  /** Milliseconds that the work sleeps. */
  sleepMs: z.number().default(0),
  /** `flaky`: some calls fail. `permanent`: the last step always fails. */
  fails: z.enum(["never", "flaky", "permanent"]).default("never"),
  tenant: z.string().default("a"),
});
const DETAILS = z.object({ done: z.array(z.string()) });

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
function effect({ boundary, external, listener }: TypeParts, context: StepContext, name: string): Promise<unknown> {
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

/** Declares the types of the simulation for one process. */
export function declareTypes(parts: TypeParts): readonly ResourceType[] {
  return [machine(parts), approval(parts), cluster(parts), poison(parts), job(), turn(parts)];
}

/** Steps one after the other, with a sleep between them. */
function machine(parts: TypeParts) {
  return defineResource({
    name: "machine",
    configuration: CONFIGURATION,
    details: DETAILS,
    metadata: true,
    statuses: { ready: "Running", failed: "Failed", cancelled: "Cancelled" },
    create: {
      ...LIMITS,
      status: "Provisioning",
      async work(context) {
        const { configuration, sleep, report } = context;
        await effect(parts, context, "allocate");
        report({ progress: 0.3, status: "Allocated" });
        if (configuration.sleepMs > 0) await sleep("pause", configuration.sleepMs);
        await effect(parts, context, "attach");
        report({ progress: 0.7 });
        if (configuration.fails === "permanent") throw new Error("no capacity");
        return { done: ["allocate", "attach"] };
      },
    },
    update: {
      ...LIMITS,
      status: "Updating",
      async work(context) {
        await effect(parts, context, "resize");
        return { done: ["resize"] };
      },
    },
    delete: {
      ...LIMITS,
      status: "Deleting",
      async work(context) {
        await context.step("release", async () => null);
      },
    },
    actions: {
      reboot: {
        ...LIMITS,
        status: "Rebooting",
        async work(context) {
          await effect(parts, context, "stop");
          await effect(parts, context, "start");
          return { done: ["stop", "start"] };
        },
      },
    },
  });
}

/** Waits for a message. */
function approval(parts: TypeParts) {
  return defineResource({
    name: "approval",
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Approved", failed: "Rejected" },
    receives: { decision: z.object({ ok: z.boolean() }) },
    create: {
      ...LIMITS,
      status: "Waiting",
      async work(context) {
        await effect(parts, context, "ask");
        const decision = await context.receive("decision", { timeoutMs: 20_000 });
        if (decision === undefined) return { done: ["expired"] };
        return { done: [decision.ok ? "approved" : "rejected"] };
      },
    },
  });
}

/** Steps beside each other. */
function cluster(parts: TypeParts) {
  return defineResource({
    name: "cluster",
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Running", failed: "Failed" },
    create: {
      ...LIMITS,
      status: "Building",
      async work(context) {
        const names = ["node-1", "node-2", "node-3"];
        await Promise.all(names.map((name) => effect(parts, context, name)));
        if (context.configuration.fails === "permanent") throw new Error("no quorum");
        return { done: names };
      },
    },
  });
}

/** Fails always, after an effect. */
function poison(parts: TypeParts) {
  return defineResource({
    name: "poison",
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Ready", failed: "Failed" },
    create: {
      ...LIMITS,
      status: "Trying",
      async work(context) {
        await effect(parts, context, "begin");
        throw new Error("always");
      },
    },
  });
}

/** Processed outside of the app, by a process that posts its status. */
function job() {
  return defineResource({
    name: EXTERNAL_TYPE,
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Finished", failed: "Failed" },
    create: { ...LIMITS, status: "Queued", external: true },
  });
}

export const TURN_LIMIT = 2;

/** Takes turns: at most two of a tenant at a time. */
function turn(parts: TypeParts) {
  return defineResource({
    name: "render",
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Rendered", failed: "Failed" },
    concurrency: { per: ({ configuration }) => configuration.tenant, limit: TURN_LIMIT },
    create: {
      ...LIMITS,
      status: "Rendering",
      async work(context) {
        await effect(parts, context, "draw");
        return { done: ["draw"] };
      },
    },
  });
}
