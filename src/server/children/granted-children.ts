import { isOfEarlierTry, recordedChild, settledStep } from "../../core/children/parent-link.ts";
import type { DeclaredChildren } from "../../core/definition/declared-children.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isInProgress } from "../../core/operation.ts";
import type { ChildState, Grant } from "../../core/ports/messages.ts";
import type { GrantedOperation, Store } from "../../core/ports/store.ts";
import type { Resource, ResourceKey } from "../../core/resource.ts";

/** Adds the children of a granted operation to its grant. */
export type AddChildren = (grant: Grant, granted: GrantedOperation) => Promise<Grant>;

/** Maximum number of children of each type that one attempt of a delete deletes. The next attempt follows. */
const MAX_DELETED = 200;

/**
 * Creates the reading of children for grants; undefined if no type declares children. The rows are read after the claim,
 * so they are as new as the number of wake-ups in it, or newer: a child that settles later makes the operation due again.
 */
export function createGrantedChildren(
  store: Pick<Store, "read" | "list">,
  types: readonly ResourceType[],
): AddChildren | undefined {
  const parents = new Map(types.map(({ name, children }) => [name, children]));
  if ([...parents.values()].every((children) => children === undefined)) return undefined;
  return async (grant, granted) => {
    const declared = parents.get(grant.type);
    if (declared === undefined) return grant;
    const { resource } = granted;
    const { operation, parent } = resource;
    const isDelete = operation.kind === "delete";
    const rows = await (isDelete ? childrenOf(store, resource, declared) : unsettled(store, granted));
    const states = rows.map(([key, row]) => stateOf(key, row, resource));
    return { ...grant, children: { seen: operation.receivedCount, depth: parent?.depth ?? 0, states } };
  };
}

type ReadRow = readonly [key: ResourceKey, row: Resource | undefined];

async function childrenOf(
  store: Pick<Store, "list">,
  { type, id }: Resource,
  { types, cascade }: DeclaredChildren,
): Promise<ReadRow[]> {
  if (!cascade.delete) return [];
  const childTypes = new Set([...types().values()].map(({ name }) => name));
  const lists = await Promise.all(
    [...childTypes].map((child) => store.list({ type: child, parent: { type, id }, limit: MAX_DELETED })),
  );
  return lists.flat().map((row) => [row, row]);
}

/** Reads the children that the operation has created and the work has not seen settled. */
async function unsettled(store: Pick<Store, "read">, { resource, records }: GrantedOperation): Promise<ReadRow[]> {
  const done = new Set(records.flatMap(({ step, state }) => (state === "done" ? [step] : [])));
  const isUndoing = resource.operation.state === "undoing";
  const keys = records.flatMap((record) => {
    if (record.state === "undone" || (!isUndoing && done.has(settledStep(record.step)))) return [];
    return recordedChild(record) ?? [];
  });
  if (keys.length === 0) return [];
  const rows = await store.read(keys);
  return keys.map((key, index) => [key, rows[index]]);
}

function stateOf({ type, id }: ResourceKey, row: Resource | undefined, parent: Resource): ChildState {
  const { id: operationId, root, failures } = parent.operation;
  // A row that is removed by the retention may be of any try; it is older than a failure.
  const isEarlier = row === undefined ? failures > 0 || operationId !== root : isOfEarlierTry(row, parent);
  const key = { type, id, isOfEarlierTry: isEarlier };
  if (row === undefined || row.deletedAt !== null) return { ...key, state: "absent", status: "", isDeleting: false };
  const { operation, status, details, error } = row;
  const shown = { ...key, status, isDeleting: operation.kind === "delete" || operation.requestedDelete !== null };
  if (isInProgress(operation)) return { ...shown, state: "in-progress" };
  return error === null ? { ...shown, state: "succeeded", details } : { ...shown, state: "failed", error };
}
