import type { Change, ChangeResult } from "../change.ts";
import { type Policies, policyOf } from "../policy.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../resource.ts";
import { accept } from "./accept.ts";
import { transition } from "./transition.ts";

/**
 * Computes the effect of one change on one row: the reducer of the system. Pure: stores run it inside their
 * transactions.
 *
 * @param stored what the store has for the item that an event names: for `recorded`, the step's record under the
 *   operation's root; for `received`, the message with that id, of any operation of the resource
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
