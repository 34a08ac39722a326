import type { AcceptChange, Folded, RefusalCode } from "./change.ts";
import type { JsonText } from "./json.ts";
import { newOperation } from "./new-operation.ts";
import { isInProgress, type Operation } from "./operation.ts";
import { kindPolicyOf, type OperationPolicy, type TypePolicy } from "./policy.ts";
import type { Resource } from "./resource.ts";
import { sealed } from "./version.ts";

/** Begins an operation, or says why not. Repeated with the same operation id it changes nothing. */
export function accept(resource: Resource | undefined, change: AcceptChange, policy: TypePolicy): Folded {
  if (resource?.operation.id === change.operation.id) return { outcome: "unchanged", resource, history: [] };
  const code = refusal(resource, change);
  if (code !== undefined) return { outcome: "refused", code, resource, history: [] };
  const next = change.expect === "absent" || resource === undefined
    ? created(resource, change, policy)
    : changed(resource, change, policy);
  if (next === undefined) return removed(resource, change);
  const { id, kind } = change.operation;
  return {
    outcome: "applied",
    resource: next,
    history: [{ at: change.at, event: "accepted", operation: id, kind, attempt: 0, status: next.status }],
  };
}

function refusal(resource: Resource | undefined, { expect, operation }: AcceptChange): RefusalCode | undefined {
  const present = resource !== undefined && resource.deletedAt === null;
  if (expect === "absent") return present ? "resource-exists" : undefined;
  if (!present) return "resource-not-found";
  if (resource.creation !== expect.creation || resource.edit !== expect.edit) return "edit-mismatch";
  if (isInProgress(resource.operation)) return "operation-in-progress";
  if (operation.retryOf !== undefined && operation.retryOf !== resource.operation.id) return "edit-mismatch";
  return undefined;
}

function created(left: Resource | undefined, change: AcceptChange, policy: TypePolicy): Resource {
  const { at, key, operation } = change;
  const kind = kindPolicyOf(policy, operation.kind);
  const configuration = operation.configuration ?? "{}";
  const sent = operation.sent ?? configuration;
  return {
    ...key,
    creation: operation.id,
    edit: 1,
    version: (left?.version ?? 0) + 1,
    owner: operation.owner ?? null,
    createdAt: at,
    updatedAt: at,
    status: kind.status,
    settledStatus: null,
    configuration,
    sent,
    details: "{}",
    error: null,
    operation: begin(change, kind, configuration, sent),
    deletedAt: null,
  };
}

function changed(resource: Resource, change: AcceptChange, policy: TypePolicy): Resource | undefined {
  const { operation } = change;
  if (operation.kind === "delete" && !Object.hasOwn(policy.kinds, "delete")) return undefined;
  const kind = kindPolicyOf(policy, operation.kind);
  const failed = operation.retryOf === undefined ? undefined : resource.operation;
  const begun = begin(
    change,
    kind,
    operation.configuration ?? failed?.configuration ?? resource.configuration,
    operation.sent ?? failed?.sent ?? resource.sent,
  );
  const next: Resource = {
    ...resource,
    status: kind.status,
    error: null,
    operation: failed === undefined ? begun : inherited(begun, failed),
  };
  return sealed(resource, next, change.at);
}

/** What a retry takes over from the operation it repeats: its records, by the common root, and what was counted of them. */
function inherited(operation: Operation, failed: Operation): Operation {
  const { root, input, received, undoable, steps, bytes } = failed;
  return { ...operation, root, input, received, undoable, steps, bytes };
}

/** A DELETE of a type that declares no delete work: nothing has to be undone, so the row is a gravestone at once. */
function removed(resource: Resource | undefined, { at, operation }: AcceptChange): Folded {
  if (resource === undefined) return { outcome: "refused", code: "resource-not-found", resource, history: [] };
  const { id, kind } = operation;
  return {
    outcome: "applied",
    resource: { ...resource, version: resource.version + 1, updatedAt: at, deletedAt: at },
    history: [{ at, event: "deleted", operation: id, kind, attempt: 0 }],
  };
}

function begin(change: AcceptChange, policy: OperationPolicy, configuration: JsonText, sent: JsonText): Operation {
  const { at, operation } = change;
  return newOperation({
    id: operation.id,
    kind: operation.kind,
    at,
    policy,
    configuration,
    sent,
    input: operation.input ?? null,
    dueAt: Math.max(at, operation.availableAt ?? at),
    trace: operation.trace ?? null,
  });
}
