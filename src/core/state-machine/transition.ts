import type { ChangeResult } from "../change.ts";
import { afterChildSettled } from "../children/child-settled.ts";
import { isAwaitedChild } from "../children/parent-link.ts";
import type { AnnotatedEvent, OperationEvent } from "../events.ts";
import type { HistoryEventName } from "../history.ts";
import {
  isClaimed,
  isInProgress,
  effectiveDeadlineAt,
  type OperationError,
  nextDeadlineAt,
  TIMEOUT_GRACE_MS,
} from "../operation.ts";
import { kindPolicyOf } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { attemptPauseMs } from "../scheduling/backoff.ts";
import { applyObservation, applySettledObservation } from "./apply-observation.ts";
import { annotate, requestCancel, requestDelete, applyReceived } from "./cancel-delete-receive.ts";
import { applyProgress } from "./progress.ts";
import { applyRecord } from "./record.ts";
import {
  CANCELLED,
  beginCancelling,
  beginUndoOrSettle,
  DEADLINE_EXCEEDED,
  finishUndo,
  abandonUndo,
  applySuccess,
  TIMED_OUT,
  WORKER_LOST,
} from "./settling.ts";
import { applyStatusReport, applyLateStatusReport } from "./status-message.ts";
import {
  dropped,
  historyEntry,
  advance,
  type TransitionInput,
  type TransitionContext,
  unchanged,
  releasedFields,
  prependHistory,
} from "./transition-context.ts";
import { withNewVersion } from "./version.ts";

/**
 * Applies an event to an operation and, once that is settled, to its resource: the whole state machine. Pure.
 * Duplicate, reordered and late events change nothing, and a settled operation stays settled.
 */
export function transition(resource: Resource, event: OperationEvent, input: TransitionInput): ChangeResult {
  const { operation } = resource;
  if (event.event === "received" && input.message !== undefined) return unchanged({ resource });
  if (event.event === "annotated") return annotate(resource, event, input.at);
  if (!isInProgress(operation)) return applyToSettled(resource, event, input);
  if ("attempt" in event && (event.attempt !== operation.attempt || operation.worker === null)) {
    return dropped({ resource });
  }
  const context = { ...input, resource, operation, kind: kindPolicyOf(input.policy, operation.kind) };
  const result = applyEvent(context, event);
  if (result.resource === undefined || result.resource === resource) return result;
  return { ...result, resource: withNewVersion(resource, result.resource, input.at) };
}

function applyEvent(context: TransitionContext, event: Exclude<OperationEvent, AnnotatedEvent>): ChangeResult {
  switch (event.event) {
    case "claimed":
      return applyClaim(context, event.worker, event.claim);
    case "progress":
      return applyProgress(context, event);
    case "recorded":
      return applyRecord(context, event);
    case "succeeded":
      return applySuccess(context, event.label, event.details);
    case "failed":
      return applyFailure(context, event.error, event.stepsNotUndone);
    case "cancelled":
      return context.operation.state === "cancelling"
        ? beginUndoOrSettle(context, context.operation.settling ?? CANCELLED)
        : dropped(context);
    case "undone":
      return applyUndone(context);
    case "waiting":
      return applyWait(context, event);
    case "handed-back":
      return applyHandBack(context);
    case "lost":
      return applyWorkerLost(context);
    case "overdue":
      return applyOverdue(context, event.stepsNotUndone);
    case "cancel-requested":
      return requestCancel(context);
    case "delete-requested":
      return requestDelete(context, event);
    case "received":
      return applyReceived(context, event);
    case "child-settled":
      return {
        outcome: "applied",
        resource: { ...context.resource, operation: afterChildSettled(context.operation, event, context.at) },
        history: [],
      };
    case "reported":
      return applyStatusReport(context, event);
    case "observed":
      return applyObservation(context, event);
  }
}

function applyToSettled(resource: Resource, event: OperationEvent, input: TransitionInput): ChangeResult {
  if (event.event === "observed") return applySettledObservation(resource, event, input);
  if (event.event === "reported") return applyLateStatusReport(resource, event);
  const fromClient =
    event.event === "cancel-requested" || event.event === "delete-requested" || event.event === "received";
  return fromClient ? { outcome: "refused", code: "settled", resource, history: [] } : dropped({ resource });
}

const CLAIMABLE: ReadonlySet<string> = new Set(["pending", "waiting", "undoing"]);

function applyClaim(context: TransitionContext, worker: string, claim: number): ChangeResult {
  const { operation, at, kind } = context;
  if (!CLAIMABLE.has(operation.state) || operation.dueAt === null || operation.dueAt > at) return dropped(context);
  return advance(context, "claimed", {
    state: operation.state === "undoing" ? "undoing" : "running",
    attempt: operation.attempt + 1,
    sequence: 0,
    startedAt: operation.startedAt ?? at,
    attemptAt: at,
    dueAt: null,
    timeoutAt: at + kind.timeoutMs + TIMEOUT_GRACE_MS,
    worker,
    claim,
    // Work that a message woke still waits for the others. After a timeout, it no longer waits.
    awaitedMessages: operation.state === "pending" ? operation.awaitedMessages : [],
  });
}

function applyFailure(
  context: TransitionContext,
  error: OperationError,
  stepsNotUndone: readonly string[] = [],
): ChangeResult {
  const { operation, at, kind, random } = context;
  if (operation.state === "cancelling") return beginUndoOrSettle(context, operation.settling ?? CANCELLED);
  if (operation.state === "undoing") return applyUndoFailure(context, error, stepsNotUndone);
  const failures = operation.failures + 1;
  const counted: TransitionContext = { ...context, operation: { ...operation, failures } };
  if (!error.retryable || failures >= kind.attempts) {
    return prependHistory(
      beginUndoOrSettle(counted, { state: "failed", error }),
      historyEntry(context, "attempt-failed", { error }),
    );
  }
  const dueAt = at + attemptPauseMs(kind.backoff, failures, random);
  const bytes = operation.bytes - operation.failedBytes;
  const cleared: TransitionContext = { ...counted, operation: { ...counted.operation, bytes, failedBytes: 0 } };
  return { ...releaseAttempt(cleared, { event: "attempt-failed", dueAt, error }), clearFailed: true };
}

function applyUndone(context: TransitionContext): ChangeResult {
  const { state, undoable } = context.operation;
  if (state !== "undoing") return dropped(context);
  // Only the records prove that every step is undone; the worker's word does not.
  return undoable === 0 ? finishUndo(context, []) : abandonUndo(context, "undo-failed", []);
}

function applyUndoFailure(
  context: TransitionContext,
  error: OperationError,
  stepsNotUndone: readonly string[],
): ChangeResult {
  const { operation, at, kind, random } = context;
  const undoFailures = operation.undoFailures + 1;
  const counted: TransitionContext = { ...context, operation: { ...operation, undoFailures } };
  if (!error.retryable || undoFailures >= kind.undo.attempts) {
    return abandonUndo(counted, "undo-failed", stepsNotUndone);
  }
  return releaseAttempt(counted, {
    event: "undo-failed",
    dueAt: at + attemptPauseMs(kind.backoff, undoFailures, random),
    error,
  });
}

function applyWait(context: TransitionContext, event: Extract<OperationEvent, { event: "waiting" }>): ChangeResult {
  const { operation, at } = context;
  if (operation.state === "cancelling") return beginUndoOrSettle(context, operation.settling ?? CANCELLED);
  // Undoing waits only for children to be gone.
  const isUndoing = operation.state === "undoing" && event.receive?.some(isAwaitedChild) === true;
  if (operation.state !== "running" && !isUndoing) return dropped(context);
  if (operation.receivedCount > event.receivedSeen) return releaseAttempt(context, { event: "waiting", dueAt: at });
  return advance(context, "waiting", {
    ...releasedFields(context),
    state: isUndoing ? "undoing" : "waiting",
    dueAt: event.until ?? null,
    awaitedMessages: event.receive?.filter((name) => !isUndoing || isAwaitedChild(name)) ?? [],
  });
}

function applyHandBack(context: TransitionContext): ChangeResult {
  const { operation, at, kind } = context;
  // An isolated attempt that was handed back has not finished, so the next one is isolated as well.
  const isolatedAgain: TransitionContext = { ...context, kind: { ...kind, isolated: operation.isolated } };
  return releaseAttempt(isolatedAgain, { event: "handed-back", dueAt: at });
}

function applyWorkerLost(context: TransitionContext): ChangeResult {
  const { operation, at, kind, random } = context;
  const lostWorkers = operation.lostWorkers + 1;
  // The next attempt, of undoing too, runs isolated: if the operation crashed its worker, it must not end other work.
  const counted: TransitionContext = {
    ...context,
    operation: { ...operation, lostWorkers },
    kind: { ...kind, isolated: true },
  };
  const isSpent = lostWorkers >= kind.lostWorkers;
  if (isSpent && operation.state === "undoing") return abandonUndo(counted, "worker-lost", []);
  if (isSpent && operation.state === "running") {
    return prependHistory(
      beginUndoOrSettle(counted, { state: "failed", error: WORKER_LOST }),
      historyEntry(context, "worker-lost"),
    );
  }
  // The first lost worker is usually a restart: no reason to wait.
  const pauseMs = lostWorkers === 1 ? 0 : attemptPauseMs(kind.backoff, lostWorkers - 1, random);
  return releaseAttempt(counted, { event: "worker-lost", dueAt: at + pauseMs });
}

function applyOverdue(context: TransitionContext, stepsNotUndone: readonly string[] = []): ChangeResult {
  const { operation, at } = context;
  if ((nextDeadlineAt(operation) ?? Infinity) > at) return dropped(context);
  const expired = effectiveDeadlineAt(operation) <= at;
  if (operation.state === "undoing") {
    return expired ? finishUndo(context, stepsNotUndone) : applyUndoFailure(context, TIMED_OUT, stepsNotUndone);
  }
  if (operation.state === "cancelling") return beginUndoOrSettle(context, operation.settling ?? CANCELLED);
  if (!expired) return applyFailure(context, TIMED_OUT);
  const settling = { state: "failed", error: DEADLINE_EXCEEDED } as const;
  const isStoppable = operation.state === "running" && isClaimed(operation);
  if (!isStoppable) {
    return prependHistory(beginUndoOrSettle(context, settling), historyEntry(context, "deadline-exceeded"));
  }
  return beginCancelling(context, "deadline-exceeded", { settling, timeoutAt: at + TIMEOUT_GRACE_MS });
}

interface Release {
  readonly event: HistoryEventName;
  readonly dueAt: number;
  readonly error?: OperationError;
}

/** Ends the attempt. Any worker may claim the operation for another attempt from `dueAt` on. */
function releaseAttempt(context: TransitionContext, { event, dueAt, error }: Release): ChangeResult {
  const { operation } = context;
  if (operation.state === "cancelling") {
    return prependHistory(beginUndoOrSettle(context, operation.settling ?? CANCELLED), historyEntry(context, event));
  }
  const state = operation.state === "undoing" ? "undoing" : "pending";
  const fields = {
    ...releasedFields(context),
    state,
    dueAt,
    // After a failure the work starts again; otherwise it continues, and clients keep seeing its progress.
    ...(event === "attempt-failed" ? { progress: null, estimatedEndAt: null, awaitedMessages: [] } : {}),
  } as const;
  return advance(context, event, fields, error === undefined ? {} : { error });
}
