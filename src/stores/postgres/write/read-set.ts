import type { Change, EventChange } from "../../../core/change.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import { type ResourceKey, resourceKeyText } from "../../../core/resource.ts";

/** What a batch of changes may ask of the tables, to be read before the first is folded. */
export interface ReadSet {
  readonly keys: readonly ResourceKey[];
  readonly operations: readonly string[];
  /** How many rows may have to be made. */
  readonly newRows: number;
  readonly steps: readonly (readonly [target: EventChange["target"], step: string])[];
  readonly messages: readonly (readonly [target: EventChange["target"], id: string])[];
  readonly replies: readonly ReplyKey[];
  /** Types whose resources in progress are limited, with the highest limit. */
  readonly limits: ReadonlyMap<string, number>;
  /** Owners whose resources in progress are limited, with the highest limit. */
  readonly ownerLimits: ReadonlyMap<string, number>;
}

export function readSetOf(changes: readonly Change[]): ReadSet {
  const keys = new Map<string, ResourceKey>();
  const operations = new Set<string>();
  let isMaking = false;
  const steps: [EventChange["target"], string][] = [];
  const messages: [EventChange["target"], string][] = [];
  const replies: ReplyKey[] = [];
  const limits = new Map<string, number>();
  const ownerLimits = new Map<string, number>();
  const want = (key: ResourceKey): void => void keys.set(resourceKeyText(key), key);

  for (const change of changes) {
    if (change.idempotency !== undefined) replies.push(change.idempotency);
    if (change.change === "accept") {
      const { key, expect, maxInProgress, ownerLimit } = change;
      want(key);
      isMaking ||= expect === "absent";
      if (maxInProgress !== undefined) limits.set(key.type, Math.max(limits.get(key.type) ?? 0, maxInProgress));
      if (ownerLimit !== undefined) {
        ownerLimits.set(ownerLimit.owner, Math.max(ownerLimits.get(ownerLimit.owner) ?? 0, ownerLimit.max));
      }
      continue;
    }
    const { target, event } = change;
    if ("operation" in target) operations.add(target.operation);
    else want(target);
    if (event.event === "recorded") steps.push([target, event.step]);
    if (event.event === "received") messages.push([target, event.id]);
  }
  const makes = isMaking ? keys.size : 0;
  return {
    keys: [...keys.values()],
    operations: [...operations],
    newRows: makes,
    steps,
    messages,
    replies,
    limits,
    ownerLimits,
  };
}

/** True for what has to read nothing where its rows, as it expects, are not there. */
export function isInsertOnly(changes: readonly Change[]): boolean {
  return changes.every(
    (each) =>
      each.change === "accept" &&
      each.expect === "absent" &&
      each.idempotency === undefined &&
      each.maxInProgress === undefined &&
      each.ownerLimit === undefined,
  );
}
