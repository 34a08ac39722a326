import type { Change, EventChange } from "../../../core/change.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import { type ResourceKey, resourceKeyText } from "../../../core/resource.ts";

/** The rows that a batch of changes may need. They are read before the first change is applied. */
export interface ReadSet {
  readonly keys: readonly ResourceKey[];
  readonly operations: readonly string[];
  /** Maximum number of rows to insert. */
  readonly newRows: number;
  readonly steps: readonly (readonly [target: EventChange["target"], step: string])[];
  readonly messages: readonly (readonly [target: EventChange["target"], id: string])[];
  readonly replies: readonly ReplyKey[];
  /** Types with a limit of resources in progress, with the highest limit. */
  readonly limits: ReadonlyMap<string, number>;
  /** Owners with a limit of resources in progress, with the highest limit. */
  readonly ownerLimits: ReadonlyMap<string, number>;
}

export function readSetOf(changes: readonly Change[]): ReadSet {
  const keys = new Map<string, ResourceKey>();
  const operations = new Set<string>();
  let isInserting = false;
  const steps: [EventChange["target"], string][] = [];
  const messages: [EventChange["target"], string][] = [];
  const replies: ReplyKey[] = [];
  const limits = new Map<string, number>();
  const ownerLimits = new Map<string, number>();
  const addKey = (key: ResourceKey): void => void keys.set(resourceKeyText(key), key);

  for (const change of changes) {
    if (change.idempotency !== undefined) replies.push(change.idempotency);
    if (change.change === "accept") {
      const { key, expect, maxInProgress, ownerLimit } = change;
      addKey(key);
      isInserting ||= expect === "absent";
      if (maxInProgress !== undefined) limits.set(key.type, Math.max(limits.get(key.type) ?? 0, maxInProgress));
      if (ownerLimit !== undefined) {
        ownerLimits.set(ownerLimit.owner, Math.max(ownerLimits.get(ownerLimit.owner) ?? 0, ownerLimit.max));
      }
      continue;
    }
    const { target, event } = change;
    if ("operation" in target) operations.add(target.operation);
    else addKey(target);
    if (event.event === "recorded") steps.push([target, event.step]);
    if (event.event === "received") messages.push([target, event.id]);
  }
  const makes = isInserting ? keys.size : 0;
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

/** Returns true if the changes need to read nothing, provided that their rows do not exist yet. */
export function isInsertOnly(changes: readonly Change[]): boolean {
  return changes.every(
    (each) =>
      each.change === "accept" &&
      each.expect === "absent" &&
      each.idempotency === undefined &&
      each.maxInProgress === undefined &&
      each.ownerLimit === undefined &&
      each.operation.turn === undefined,
  );
}
