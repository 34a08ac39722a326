import type { Change, EventChange } from "../../../core/change.ts";
import type { ChildCommand } from "../../../core/events.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../../../core/resource.ts";

/** The rows that a batch of changes may need. They are read before the first change is applied. */
export interface ReadSet {
  readonly changes: readonly Change[];
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

/** @param parents resources that the changes may wake, see {@link parentsToLock} */
export function readSetOf(changes: readonly Change[], parents: readonly ResourceKey[] = []): ReadSet {
  const keys = new Map<string, ResourceKey>();
  const operations = new Set<string>();
  let isInserting = false;
  const steps: [EventChange["target"], string][] = [];
  const messages: [EventChange["target"], string][] = [];
  const replies: ReplyKey[] = [];
  const limits = new Map<string, number>();
  const ownerLimits = new Map<string, number>();
  /** Keys of the operations that this batch begins, by which the rows of a later event are found. */
  const begun = new Map<string, ResourceKey>();
  const addKey = (key: ResourceKey): void => void keys.set(resourceKeyText(key), key);
  const addLimit = (type: string, max: number | undefined): void => {
    if (max !== undefined) limits.set(type, Math.max(limits.get(type) ?? 0, max));
  };
  const addChild = (child: ChildCommand): void => {
    addKey(child);
    if (child.command !== "create") return;
    isInserting = true;
    addLimit(child.type, child.maxInProgress);
  };
  for (const parent of parents) addKey(parent);

  for (const change of changes) {
    if (change.idempotency !== undefined) replies.push(change.idempotency);
    if (change.change === "accept") {
      const { key, expect, maxInProgress, ownerLimit } = change;
      addKey(key);
      begun.set(change.operation.id, key);
      isInserting ||= expect === "absent";
      addLimit(key.type, maxInProgress);
      if (ownerLimit !== undefined) {
        ownerLimits.set(ownerLimit.owner, Math.max(ownerLimits.get(ownerLimit.owner) ?? 0, ownerLimit.max));
      }
      continue;
    }
    const { target, event } = change;
    if ("operation" in target) operations.add(target.operation);
    else addKey(target);
    const stored = ("operation" in target ? begun.get(target.operation) : undefined) ?? target;
    if (event.event === "recorded") {
      steps.push([stored, event.step]);
      if (event.child !== undefined) addChild(event.child);
    }
    if (event.event === "received") messages.push([stored, event.id]);
  }
  const makes = isInserting ? keys.size : 0;
  return {
    changes,
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

/**
 * Returns the parents of the locked rows that the changes may settle, and so wake, except those that are locked. They are
 * unknown before the rows are read. Rows must be locked in one order, so the batch then begins again with all of them.
 */
export function parentsToLock(
  changes: readonly Change[],
  rows: readonly { readonly resource: Resource | undefined }[],
): readonly ResourceKey[] {
  const family = rows.flatMap(({ resource }) => (resource === undefined || resource.parent === null ? [] : [resource]));
  if (family.length === 0) return [];
  const locked = new Set(rows.map(({ resource }) => resource && resourceKeyText(resource)));
  const settling = new Set(changes.filter(maySettle).map(targetText));
  return family.flatMap(({ parent, operation, ...key }) => {
    const isTarget = settling.has(resourceKeyText(key)) || settling.has(operation.id);
    return isTarget && parent !== null && !locked.has(resourceKeyText(parent)) ? [parent] : [];
  });
}

function maySettle(change: Change): boolean {
  return change.change === "accept" || (change.event.event !== "progress" && change.event.event !== "recorded");
}

function targetText(change: Change): string {
  if (change.change === "accept") return resourceKeyText(change.key);
  return "operation" in change.target ? change.target.operation : resourceKeyText(change.target);
}
