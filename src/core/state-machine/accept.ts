import type { AcceptChange, ChangeResult, RefusalCode } from "../change.ts";
import type { JsonText } from "../json/json.ts";
import { isInProgress, type Operation } from "../operation.ts";
import { kindPolicyOf, type OperationPolicy, type TypePolicy } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { after, newOperation } from "./new-operation.ts";
import { removed } from "./removed.ts";
import { withNewVersion } from "./version.ts";

/** Begins an operation, or says why not. Repeated with the same operation id it changes nothing. */
export function accept(resource: Resource | undefined, change: AcceptChange, policy: TypePolicy): ChangeResult {
  const { id, kind, retryOf, traceparent: trace = null } = change.operation;
  // A create is known again after other operations too, and after the resource is gone: it must not come back.
  const repeated = resource?.operation.id === id || resource?.creation === id;
  if (repeated) return { outcome: "unchanged", resource, history: [] };
  const code = refusal(resource, change);
  if (code !== undefined) return { outcome: "refused", code, resource, history: [] };
  const { at } = change;
  if (change.expect === "absent" || resource === undefined) return accepted(created(resource, change, policy), change);
  if (kind === "delete" && !Object.hasOwn(policy.kinds, "delete")) {
    const gone = removed(resource, { id, at, policy, traceparent: trace });
    return { ...gone, resource: withNewVersion(resource, gone.resource, at) };
  }
  const folded = accepted(changed(resource, change, policy), change);
  // What failed in the operation before is what a retry tries again; only what was done is inherited.
  return retryOf === undefined ? folded : { ...folded, clearFailed: true };
}

function accepted(resource: Resource, { at, operation: { id, kind } }: AcceptChange): ChangeResult {
  return {
    outcome: "applied",
    resource,
    history: [{ at, event: "accepted", operation: id, kind, attempt: 0, status: resource.status }],
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
  const sent = operation.rawConfiguration ?? configuration;
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
    rawConfiguration: sent,
    details: "{}",
    error: null,
    operation: begin(change, kind, configuration, sent),
    deletedAt: null,
  };
}

function changed(resource: Resource, change: AcceptChange, policy: TypePolicy): Resource {
  const { operation } = change;
  const kind = kindPolicyOf(policy, operation.kind);
  const failed = operation.retryOf === undefined ? undefined : resource.operation;
  const begun = begin(
    change,
    kind,
    operation.configuration ?? failed?.configuration ?? resource.configuration,
    operation.rawConfiguration ?? failed?.rawConfiguration ?? resource.rawConfiguration,
  );
  const next: Resource = {
    ...resource,
    status: kind.status,
    error: null,
    operation: after(resource.operation, failed === undefined ? begun : inherited(begun, failed), kind),
  };
  return withNewVersion(resource, next, change.at);
}

/** What a retry takes over from the operation it repeats: its records, by the common root, and what was counted of them. */
function inherited(operation: Operation, failed: Operation): Operation {
  const { root, input, receivedCount: received, undoable, steps } = failed;
  const bytes = failed.bytes - failed.failedBytes - (failed.details?.length ?? 0);
  return { ...operation, root, input, receivedCount: received, undoable, steps, bytes };
}

function begin(change: AcceptChange, policy: OperationPolicy, configuration: JsonText, sent: JsonText): Operation {
  const { at, operation } = change;
  return newOperation({
    id: operation.id,
    kind: operation.kind,
    at,
    policy,
    configuration,
    rawConfiguration: sent,
    input: operation.input ?? null,
    dueAt: Math.max(at, operation.availableAt ?? at),
    traceparent: operation.traceparent ?? null,
  });
}
