import { defineResource } from "afoot";
import type { ResourceType } from "../../../src/core/definition/resource-type.ts";
import { CONFIGURATION, DETAILS, effect, LIMITS, type TypeParts } from "./steps.ts";

/** Maximum number of children of a family. */
const MAX_MEMBERS = 3;

/** Declares parents and their children. */
export function declareFamily(parts: TypeParts): readonly ResourceType[] {
  const members = member(parts);
  return [members, family(parts, members)];
}

/** A child: it has an effect, and may fail. */
function member(parts: TypeParts) {
  return defineResource({
    name: "member",
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Grown", failed: "Ill", cancelled: "Gone" },
    create: {
      ...LIMITS,
      status: "Growing",
      async work(context) {
        await effect(parts, context, "grow");
        if (context.configuration.sleepMs > 0) await context.sleep("rest", context.configuration.sleepMs);
        if (context.configuration.fails === "permanent") throw new Error("no soil");
        return { done: ["grow"] };
      },
    },
    delete: {
      ...LIMITS,
      status: "Leaving",
      async work(context) {
        await context.step("leave", async () => null);
      },
    },
  });
}

/** Creates children, and waits for them. */
function family(parts: TypeParts, members: ReturnType<typeof member>) {
  return defineResource({
    name: "family",
    configuration: CONFIGURATION,
    details: DETAILS,
    statuses: { ready: "Whole", failed: "Broken", cancelled: "Parted" },
    children: { members },
    create: {
      ...LIMITS,
      status: "Founding",
      async work(context) {
        const { configuration, child, settled } = context;
        await effect(parts, context, "plant");
        const names = Array.from({ length: 1 + (configuration.size % MAX_MEMBERS) }, (_, index) => `member-${index}`);
        const made = await Promise.all(names.map((name) => child(name, "members", memberOf(configuration))));
        await settled(made);
        return { done: names };
      },
    },
    delete: {
      ...LIMITS,
      status: "Parting",
      async work(context) {
        await context.step("part", async () => null);
      },
    },
  });
}

function memberOf({ fails, sleepMs, size, tenant }: Parameters<typeof effect>[1]["configuration"]) {
  // A member that sleeps for long would take the time of its family.
  return { size, tenant, sleepMs: Math.min(sleepMs, 10_000), fails: size === 1 ? fails : ("flaky" as const) };
}
