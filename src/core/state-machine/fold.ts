import type { Change, ChangeResult } from "../change.ts";
import { type Policies, policyOf } from "../policy.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../resource.ts";
import { accept } from "./accept.ts";
import { transition } from "./transition.ts";

/**
 * Applies one change to one row. Pure.
 *
 * @param stored what the store has of what an event names: of `recorded`, the step's record under the operation's root; of
 *   `received`, the message of that id, whichever operation of the resource it was for
 */
export function reduceChange(
  policies: Policies,
  resource: Resource | undefined,
  change: Change,
  stored?: StepRecord | ReceivedMessage,
): ChangeResult {
  if (change.change === "accept") {
    return accept(resource, change, policyOf(policies, change.key.type));
  }
  const { event } = change;
  if (resource === undefined || resource.deletedAt !== null) {
    const repeated = event.event === "delete-requested" && event.operation === resource?.operation.id;
    if (repeated) return { outcome: "unchanged", resource, history: [] };
    return { outcome: "refused", code: "resource-not-found", resource: undefined, history: [] };
  }
  const target = change.target;
  if ("operation" in target && target.operation !== resource.operation.id) {
    return { outcome: "dropped", resource, history: [] };
  }
  const { at, random } = change;
  const context = { policy: policyOf(policies, resource.type), at, random };
  if (stored === undefined) return transition(resource, event, context);
  return transition(resource, event, { ...context, ...("step" in stored ? { record: stored } : { message: stored }) });
}
