import type { Change, ChangeStamp } from "../core/change.ts";
import { parentChange } from "../core/children/child-changes.ts";
import type { Policies } from "../core/policy.ts";
import type { Resource } from "../core/resource.ts";
import { deliveryChanges } from "../core/webhooks/delivery-changes.ts";

/** Returns the changes of other resources that a change causes, in the same transaction. */
export function causedChanges(
  policies: Policies,
  before: Resource | undefined,
  after: Resource,
  stamp: ChangeStamp,
): readonly Change[] {
  const informing = parentChange(before, after, stamp);
  const deliveries = deliveryChanges(policies.get(after.type), before, after, stamp);
  return informing === undefined ? deliveries : [informing, ...deliveries];
}
