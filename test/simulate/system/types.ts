import { defineResource } from "afoot";
import { z } from "zod";
import type { ResourceType } from "../../../src/core/definition/resource-type.ts";
import { declareFamily } from "./family.ts";
import { CONFIGURATION, DETAILS, effect, EXTERNAL_TYPE, LIMITS, type TypeParts } from "./steps.ts";

/** Declares the types of the simulation for one process. */
export function declareTypes(parts: TypeParts): readonly ResourceType[] {
  return [
    ...[machine(parts), approval(parts), cluster(parts), poison(parts), job(), turn(parts)],
    ...declareFamily(parts),
  ];
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
        report({ progress: 0.3, status: parts.version === 1 ? "Allocated" : "Configured" });
        if (configuration.sleepMs > 0) await sleep("pause", configuration.sleepMs);
        await effect(parts, context, "attach");
        report({ progress: 0.7 });
        // Behind the others: the undo of a step is found only if the work reaches it by recorded steps.
        if (parts.version === 2) await context.step("verify", async () => null);
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
      ...(parts.version === 1 ? {} : { [NEW_ACTION]: rescue(parts) }),
    },
  });
}

/** An action that only the second version of the app has. */
export const NEW_ACTION = "rescue";

function rescue(parts: TypeParts) {
  return {
    ...LIMITS,
    status: "Rescuing",
    async work(context: Parameters<typeof effect>[1]) {
      await effect(parts, context, "attach-disk");
      return { done: ["attach-disk"] };
    },
  };
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

/** Maximum number of operations of `render` in progress. */
const MAX_RENDERS = 12;

/** Takes turns: at most two of a tenant at a time. */
function turn(parts: TypeParts) {
  return defineResource({
    name: "render",
    maxInProgress: MAX_RENDERS,
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
