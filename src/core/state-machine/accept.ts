import type { AcceptChange, ChangeResult, RefusalCode } from "../change.ts";
import type { JsonText } from "../json/json.ts";
import { isInProgress, type Operation } from "../operation.ts";
import { kindPolicyOf, type OperationPolicy, type TypePolicy } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { continueSequence, newOperation } from "./new-operation.ts";
import { createTombstone } from "./tombstone.ts";
import { withNewVersion } from "./version.ts";

/**
 * Begins an operation, or returns the reason why it is refused. A repetition with the same operation id changes
 * nothing.
 */
export function accept(resource: Resource | undefined, change: AcceptChange, policy: TypePolicy): ChangeResult {
  const { id, kind, retryOf, principal = null, traceparent = null } = change.operation;
  // A repeated create is recognized after later operations and after deletion, too: it must not create the resource
  // again.
  const repeated = resource?.operation.id === id || resource?.creation === id;
  if (repeated) return { outcome: "unchanged", resource, history: [] };
  const code = refusalOf(resource, change);
  if (code !== undefined) return { outcome: "refused", code, resource, history: [] };
  const { at } = change;
  if (change.expect === "absent" || resource === undefined) {
    return acceptedResult(createdResource(resource, change, policy), change);
  }
  if (kind === "delete" && !Object.hasOwn(policy.kinds, "delete")) {
    const gone = createTombstone(resource, { id, at, policy, principal, traceparent });
    return { ...gone, resource: withNewVersion(resource, gone.resource, at) };
  }
  const result = acceptedResult(changedResource(resource, change, policy), change);
  // A retry inherits the steps that were done, and runs the failed ones again.
  return retryOf === undefined ? result : { ...result, clearFailed: true };
}

function acceptedResult(resource: Resource, { at, operation: { id, kind } }: AcceptChange): ChangeResult {
  return {
    outcome: "applied",
    resource,
    history: [{ at, event: "accepted", operation: id, kind, attempt: 0, status: resource.status }],
  };
}

function refusalOf(resource: Resource | undefined, { expect, operation }: AcceptChange): RefusalCode | undefined {
  const present = resource !== undefined && resource.deletedAt === null;
  if (expect === "absent") return present ? "resource-exists" : undefined;
  if (!present) return "resource-not-found";
  if (resource.creation !== expect.creation || resource.edit !== expect.edit) return "edit-mismatch";
  if (isInProgress(resource.operation)) return "operation-in-progress";
  if (operation.retryOf !== undefined && operation.retryOf !== resource.operation.id) return "edit-mismatch";
  return undefined;
}

function createdResource(tombstone: Resource | undefined, change: AcceptChange, policy: TypePolicy): Resource {
  const { at, key, operation } = change;
  const kind = kindPolicyOf(policy, operation.kind);
  const configuration = operation.configuration ?? "{}";
  const rawConfiguration = operation.rawConfiguration ?? configuration;
  return {
    ...key,
    creation: operation.id,
    edit: 1,
    version: (tombstone?.version ?? 0) + 1,
    owner: operation.owner ?? null,
    parent: operation.parent ?? null,
    createdAt: at,
    updatedAt: at,
    status: kind.status,
    settledStatus: null,
    configuration,
    rawConfiguration,
    details: "{}",
    metadata: operation.metadata ?? null,
    error: null,
    webhook: operation.webhook ?? null,
    operation: operationOf(change, kind, configuration, rawConfiguration),
    deletedAt: null,
  };
}

function changedResource(resource: Resource, change: AcceptChange, policy: TypePolicy): Resource {
  const { operation } = change;
  const kind = kindPolicyOf(policy, operation.kind);
  const failed = operation.retryOf === undefined ? undefined : resource.operation;
  const begun = operationOf(
    change,
    kind,
    operation.configuration ?? failed?.configuration ?? resource.configuration,
    operation.rawConfiguration ?? failed?.rawConfiguration ?? resource.rawConfiguration,
  );
  const next: Resource = {
    ...resource,
    parent: operation.parent ?? resource.parent,
    status: kind.status,
    metadata: operation.metadata === undefined ? resource.metadata : operation.metadata,
    error: null,
    operation: continueSequence(resource.operation, failed === undefined ? begun : inheritRecords(begun, failed), kind),
  };
  return withNewVersion(resource, next, change.at);
}

/** Copies what a retry inherits: the records of the failed operation, through the common root, and their counts. */
function inheritRecords(operation: Operation, failed: Operation): Operation {
  const { root, input, receivedCount: received, undoable, steps } = failed;
  const bytes = failed.bytes - failed.failedBytes - (failed.details?.length ?? 0);
  return { ...operation, root, input, receivedCount: received, undoable, steps, bytes };
}

function operationOf(
  change: AcceptChange,
  policy: OperationPolicy,
  configuration: JsonText,
  rawConfiguration: JsonText,
): Operation {
  const { at, operation } = change;
  return newOperation({
    id: operation.id,
    kind: operation.kind,
    at,
    policy,
    configuration,
    rawConfiguration,
    input: operation.input ?? null,
    dueAt: Math.max(at, operation.availableAt ?? at),
    principal: operation.principal ?? null,
    chosenDeadlineAt: operation.deadlineAt,
    traceparent: operation.traceparent ?? null,
    turn: operation.turn ?? null,
  });
}
