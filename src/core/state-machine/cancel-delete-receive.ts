import type { ChangeResult } from "../change.ts";
import type { AnnotatedEvent, OperationEvent } from "../events.ts";
import { isClaimed, type Operation, TIMEOUT_GRACE_MS } from "../operation.ts";
import type { Resource } from "../resource.ts";
import { beginCancelling, beginUndoOrSettle, CANCELLED } from "./settling.ts";
import { exceedsMaxBytes, messageSize } from "./size.ts";
import { historyEntry, refused, type TransitionContext, unchanged, prependHistory } from "./transition-context.ts";
import { withNewVersion } from "./version.ts";

export function requestCancel(context: TransitionContext): ChangeResult {
  const { operation } = context;
  if (operation.kind === "delete") return refused(context, "delete-in-progress");
  if (operation.state === "running" && isClaimed(operation)) {
    return beginCancelling(context, "cancel-requested", { settling: CANCELLED, timeoutAt: cancelTimeoutAt(context) });
  }
  // No worker has to stop: an external process is not informed, and its later messages are refused.
  if (operation.state === "cancelling" || operation.state === "undoing") return unchanged(context);
  return prependHistory(beginUndoOrSettle(context, CANCELLED), historyEntry(context, "cancel-requested"));
}

/**
 * Returns when a worker must have stopped after a cancel request. Even at the deadline it has a grace period to record
 * its current step, so that undoing does not race it.
 */
function cancelTimeoutAt({ operation, at }: TransitionContext): number {
  const latest = Math.max(operation.deadlineAt, at) + TIMEOUT_GRACE_MS;
  return Math.min(operation.timeoutAt ?? latest, latest);
}

export function requestDelete(
  context: TransitionContext,
  { operation: requestedDelete, principal }: Extract<OperationEvent, { event: "delete-requested" }>,
): ChangeResult {
  if (context.operation.kind === "delete" || context.operation.requestedDelete !== null) {
    return unchanged(context);
  }
  const flagged: TransitionContext = {
    ...context,
    operation: { ...context.operation, requestedDelete, requestedDeletePrincipal: principal ?? null },
  };
  const cancelled = requestCancel(flagged);
  const resource =
    cancelled.outcome === "unchanged" ? { ...context.resource, operation: flagged.operation } : cancelled.resource;
  return prependHistory({ ...cancelled, outcome: "applied", resource }, historyEntry(context, "delete-requested"));
}

export function applyReceived(
  context: TransitionContext,
  event: Extract<OperationEvent, { event: "received" }>,
): ChangeResult {
  const { operation, resource, at } = context;
  const bytes = operation.bytes + messageSize(event);
  if (exceedsMaxBytes(context, bytes)) return refused(context, "operation-too-large");
  const index = operation.awaitedMessages.indexOf(event.name);
  const awaited = operation.state === "waiting" && index !== -1;
  const position = operation.receivedCount + 1;
  const after: Operation = {
    ...operation,
    receivedCount: position,
    bytes,
    awaitedMessages: index === -1 ? operation.awaitedMessages : operation.awaitedMessages.toSpliced(index, 1),
    ...(awaited ? { state: "pending", dueAt: at } : {}),
  };
  return {
    outcome: "applied",
    resource: { ...resource, operation: after },
    history: [historyEntry(context, "received", { step: event.name })],
    message: { id: event.id, name: event.name, value: event.value, position, at },
  };
}

/** Replaces the metadata of a resource, unless it was edited since it was read. The operation stays as it is. */
export function annotate(resource: Resource, { creation, edit, metadata }: AnnotatedEvent, at: number): ChangeResult {
  if (resource.metadata === metadata) return { outcome: "unchanged", resource, history: [] };
  if (resource.creation !== creation || resource.edit !== edit) {
    return { outcome: "refused", code: "edit-mismatch", resource, history: [] };
  }
  return { outcome: "applied", resource: withNewVersion(resource, { ...resource, metadata }, at), history: [] };
}
