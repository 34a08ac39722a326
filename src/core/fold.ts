import { accept } from "./accept.ts";
import type { Change, Folded } from "./change.ts";
import { type Policies, policyOf } from "./policy.ts";
import type { Resource, StepRecord } from "./resource.ts";
import { transition } from "./transition.ts";

/** Applies one change to one row. `record` is the stored record of the step that a `recorded` event names. Pure. */
export function fold(policies: Policies, resource: Resource | undefined, change: Change, record?: StepRecord): Folded {
  if (change.change === "accept") {
    return accept(resource, change, policyOf(policies, change.key.type));
  }
  if (resource === undefined || resource.deletedAt !== null) {
    return { outcome: "refused", code: "resource-not-found", resource: undefined, history: [] };
  }
  const target = change.target;
  if ("operation" in target && target.operation !== resource.operation.id) {
    return { outcome: "dropped", resource, history: [] };
  }
  return transition(resource, change.event, {
    policy: policyOf(policies, resource.type),
    at: change.at,
    random: change.random,
    ...(record === undefined ? {} : { record }),
  });
}
