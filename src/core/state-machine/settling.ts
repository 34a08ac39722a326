import type { ChangeResult } from "../change.ts";
import type { HistoryEntry, HistoryEventName } from "../history.ts";
import type { JsonText } from "../json/json.ts";
import type { Operation, OperationError, Settlement } from "../operation.ts";
import { kindPolicyOf } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { continueSequence, newDeleteOperation } from "./new-operation.ts";
import { createTombstone } from "./tombstone.ts";
import {
  dropped,
  historyEntry,
  advance,
  refused,
  type TransitionContext,
  releasedFields,
  prependHistory,
  withStatus,
} from "./transition-context.ts";

export const CANCELLED: Settlement = {
  state: "cancelled",
  error: { code: "cancelled", title: "Cancelled", detail: "The operation was cancelled.", retryable: true },
};

export const TIMED_OUT: OperationError = {
  code: "timed-out",
  title: "Timed out",
  detail: "An attempt took longer than its timeout.",
  retryable: true,
};

export const DEADLINE_EXCEEDED: OperationError = {
  code: "deadline-exceeded",
  title: "Deadline exceeded",
  detail: "The operation did not finish before its deadline.",
  retryable: true,
};

export const WORKER_LOST: OperationError = {
  code: "worker-lost",
  title: "Workers lost",
  detail: "Too many worker processes ended while they ran the operation.",
  retryable: true,
};

function undoIncomplete(stepsNotUndone: readonly string[]): Settlement {
  const steps = stepsNotUndone.length === 0 ? "Some steps" : `The steps ${stepsNotUndone.join(", ")}`;
  return {
    state: "failed",
    error: {
      code: "undo-incomplete",
      title: "Undo incomplete",
      detail: `${steps} could not be undone; what they created may still exist.`,
      retryable: false,
    },
  };
}

type Success = { readonly state: "succeeded"; readonly label: string; readonly details: JsonText };

/** Requests the worker to stop. Until the operation is settled, the label shows that: reports no longer change it. */
export function beginCancelling(
  context: TransitionContext,
  event: HistoryEventName,
  fields: Pick<Operation, "settling" | "timeoutAt">,
): ChangeResult {
  const status = context.policy.cancelling;
  return advance(withStatus(context, status), event, { ...fields, state: "cancelling" }, { status });
}

/** Ends an operation that did not succeed. Undoes its steps first, if there are any to undo. */
export function beginUndoOrSettle(context: TransitionContext, settlement: Settlement): ChangeResult {
  const { operation, at, kind } = context;
  if (operation.undoable === 0) return settleOperation(context, settlement);
  const fields = {
    ...releasedFields(context),
    state: "undoing",
    settling: settlement,
    dueAt: at,
    awaitedMessages: [],
    undoDeadlineAt: at + kind.undo.deadlineMs,
    lostWorkers: 0,
    // The estimate of the work does not apply to undoing.
    estimatedEndAt: null,
  } as const;
  const { error } = settlement;
  if (settlement.state !== "cancelled") return advance(context, "undoing", fields, { error });
  const status = context.policy.cancelling;
  return advance(withStatus(context, status), "undoing", fields, { error, status });
}

/** Settles an operation as succeeded, or refuses a label or a size that the type does not allow. */
export function applySuccess(context: TransitionContext, label: string | undefined, details: JsonText): ChangeResult {
  const { operation, policy } = context;
  if (operation.state !== "running" && operation.state !== "cancelling") return dropped(context);
  if (label !== undefined && !policy.ready.includes(label)) return refused(context, "unknown-status");
  if (details.length > policy.maxBytes) return refused(context, "operation-too-large");
  return settleOperation(context, { state: "succeeded", label: label ?? policy.ready[0], details });
}

/**
 * Ends undoing with the intended outcome if all steps are undone, else as failed with the names of the remaining steps.
 */
export function finishUndo(context: TransitionContext, stepsNotUndone: readonly string[]): ChangeResult {
  const { undoable, settling } = context.operation;
  return settleOperation(context, undoable === 0 ? (settling ?? CANCELLED) : undoIncomplete(stepsNotUndone));
}

/**
 * Stops undoing. Without the names of the remaining steps, the reaper ends it at once: it reads them from the store.
 */
export function abandonUndo(
  context: TransitionContext,
  event: HistoryEventName,
  stepsNotUndone: readonly string[],
): ChangeResult {
  if (stepsNotUndone.length > 0 || context.operation.undoable === 0) {
    return prependHistory(finishUndo(context, stepsNotUndone), historyEntry(context, event));
  }
  return advance(context, event, { ...releasedFields(context), dueAt: null, undoDeadlineAt: context.at });
}

/** Settles the operation and its resource. A delete that was requested meanwhile begins in the same change. */
function settleOperation(context: TransitionContext, outcome: Success | Settlement): ChangeResult {
  const { at, operation } = context;
  const ended: Operation = {
    ...operation,
    ...releasedFields(context),
    state: outcome.state,
    settledAt: at,
    dueAt: null,
    awaitedMessages: [],
    settling: null,
  };
  if (operation.kind === "delete" && outcome.state === "succeeded") {
    const resource = { ...context.resource, metadata: null, operation: ended, deletedAt: at };
    return {
      outcome: "applied",
      resource,
      history: [historyEntry(context, "succeeded"), historyEntry(context, "deleted")],
    };
  }
  const resource = { ...withOutcome(context, outcome), operation: ended };
  const error = outcome.state === "succeeded" ? {} : { error: outcome.error };
  const line = historyEntry(context, outcome.state, { status: resource.status, ...error });
  if (operation.requestedDelete === null) return { outcome: "applied", resource, history: [line] };
  return startDelete(context, resource, operation.requestedDelete, line);
}

function withOutcome({ resource, operation, policy }: TransitionContext, outcome: Success | Settlement): Resource {
  if (outcome.state === "succeeded") {
    const { label, details } = outcome;
    const { configuration, rawConfiguration } = operation;
    return {
      ...resource,
      status: label,
      settledStatus: label,
      configuration,
      rawConfiguration,
      details,
      error: null,
    };
  }
  const label = outcome.state === "cancelled" ? policy.cancelled : policy.failed;
  const mayReturn = operation.kind !== "create" && resource.settledStatus !== null;
  const keepsStatus = mayReturn && !(outcome.state === "failed" && policy.failedAfterChange);
  const status = keepsStatus ? (resource.settledStatus ?? label) : label;
  return { ...resource, status, settledStatus: status, error: outcome.error };
}

function startDelete(
  { at, policy, operation: { requestedDeletePrincipal: principal, traceparent, turn } }: TransitionContext,
  resource: Resource,
  id: string,
  line: HistoryEntry,
): ChangeResult {
  if (!Object.hasOwn(policy.kinds, "delete")) {
    const gone = createTombstone(resource, { id, at, policy, principal, traceparent });
    return { ...gone, history: [line, ...gone.history] };
  }
  const kind = kindPolicyOf(policy, "delete");
  const operation = newDeleteOperation(resource, { id, at, policy: kind, principal, traceparent, turn });
  const accepted = { at, event: "accepted", operation: id, kind: "delete", attempt: 0, status: kind.status } as const;
  return {
    outcome: "applied",
    resource: {
      ...resource,
      status: kind.status,
      error: null,
      operation: continueSequence(resource.operation, operation, kind),
    },
    history: [line, accepted],
  };
}
