import type { ChangeResult } from "../change.ts";
import type { OperationEvent } from "../events.ts";
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
import { backoffMs } from "../scheduling/backoff.ts";
import { cancelAsked, deleteAsked, received } from "./cancel-delete-receive.ts";
import { answered, watched } from "./observe-answer.ts";
import { progressed } from "./progress.ts";
import { record } from "./record.ts";
import {
  CANCELLED,
  beginUndoOrSettle,
  DEADLINE_EXCEEDED,
  finishUndo,
  abandonUndo,
  succeeded,
  TIMED_OUT,
  WORKER_LOST,
} from "./settling.ts";
import { observed, observedLate } from "./status-message.ts";
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
 * The whole state machine: what an event does to an operation and, once that is settled, to its resource. Pure; duplicates,
 * reordering and lateness change nothing, and settled is sticky.
 */
export function transition(resource: Resource, event: OperationEvent, context: TransitionInput): ChangeResult {
  const { operation } = resource;
  if (event.event === "received" && context.message !== undefined) return unchanged({ resource });
  if (!isInProgress(operation)) return settledAlready(resource, event, context);
  if ("attempt" in event && (event.attempt !== operation.attempt || operation.worker === null)) {
    return dropped({ resource });
  }
  const turn = { ...context, resource, operation, kind: kindPolicyOf(context.policy, operation.kind) };
  const folded = react(turn, event);
  if (folded.resource === undefined || folded.resource === resource) return folded;
  return { ...folded, resource: withNewVersion(resource, folded.resource, context.at) };
}

function react(turn: TransitionContext, event: OperationEvent): ChangeResult {
  switch (event.event) {
    case "claimed":
      return claimed(turn, event.worker, event.claim);
    case "progress":
      return progressed(turn, event);
    case "recorded":
      return record(turn, event);
    case "succeeded":
      return succeeded(turn, event.label, event.details);
    case "failed":
      return failed(turn, event.error, event.stepsNotUndone);
    case "cancelled":
      return turn.operation.state === "cancelling"
        ? beginUndoOrSettle(turn, turn.operation.settling ?? CANCELLED)
        : dropped(turn);
    case "undone":
      return undone(turn);
    case "waiting":
      return waiting(turn, event);
    case "handed-back":
      return handedBack(turn);
    case "lost":
      return lost(turn);
    case "overdue":
      return overdue(turn, event.stepsNotUndone);
    case "cancel-requested":
      return cancelAsked(turn);
    case "delete-requested":
      return deleteAsked(turn, event.operation);
    case "received":
      return received(turn, event);
    case "reported":
      return observed(turn, event);
    case "observed":
      return answered(turn, event);
  }
}

function settledAlready(resource: Resource, event: OperationEvent, context: TransitionInput): ChangeResult {
  if (event.event === "observed") return watched(resource, event, context);
  if (event.event === "reported") return observedLate(resource, event);
  const fromClient =
    event.event === "cancel-requested" || event.event === "delete-requested" || event.event === "received";
  return fromClient ? { outcome: "refused", code: "settled", resource, history: [] } : dropped({ resource });
}

const CLAIMABLE: ReadonlySet<string> = new Set(["pending", "waiting", "undoing"]);

function claimed(turn: TransitionContext, worker: string, claim: number): ChangeResult {
  const { operation, at, kind } = turn;
  if (!CLAIMABLE.has(operation.state) || operation.dueAt === null || operation.dueAt > at) return dropped(turn);
  return advance(turn, "claimed", {
    state: operation.state === "undoing" ? "undoing" : "running",
    attempt: operation.attempt + 1,
    sequence: 0,
    startedAt: operation.startedAt ?? at,
    attemptAt: at,
    dueAt: null,
    timeoutAt: at + kind.timeoutMs + TIMEOUT_GRACE_MS,
    worker,
    claim,
    awaitedMessages: [],
  });
}

function failed(turn: TransitionContext, error: OperationError, left: readonly string[] = []): ChangeResult {
  const { operation, at, kind, random } = turn;
  if (operation.state === "cancelling") return beginUndoOrSettle(turn, operation.settling ?? CANCELLED);
  if (operation.state === "undoing") return undoFailed(turn, error, left);
  const failures = operation.failures + 1;
  const counted: TransitionContext = { ...turn, operation: { ...operation, failures } };
  if (!error.retryable || failures >= kind.attempts) {
    return prependHistory(
      beginUndoOrSettle(counted, { state: "failed", error }),
      historyEntry(turn, "attempt-failed", { error }),
    );
  }
  const dueAt = at + backoffMs(kind.backoff, failures, random);
  const bytes = operation.bytes - operation.failedBytes;
  const cleared: TransitionContext = { ...counted, operation: { ...counted.operation, bytes, failedBytes: 0 } };
  return { ...released(cleared, { event: "attempt-failed", dueAt, error }), clearFailed: true };
}

function undone(turn: TransitionContext): ChangeResult {
  const { state, undoable } = turn.operation;
  if (state !== "undoing") return dropped(turn);
  // A worker that could not undo every step has to say so; one that does not is not believed.
  return undoable === 0 ? finishUndo(turn, []) : abandonUndo(turn, "undo-failed", []);
}

function undoFailed(turn: TransitionContext, error: OperationError, left: readonly string[]): ChangeResult {
  const { operation, at, kind, random } = turn;
  const undoFailures = operation.undoFailures + 1;
  const counted: TransitionContext = { ...turn, operation: { ...operation, undoFailures } };
  if (!error.retryable || undoFailures >= kind.undo.attempts) return abandonUndo(counted, "undo-failed", left);
  return released(counted, { event: "undo-failed", dueAt: at + backoffMs(kind.backoff, undoFailures, random), error });
}

function waiting(turn: TransitionContext, event: Extract<OperationEvent, { event: "waiting" }>): ChangeResult {
  const { operation, at } = turn;
  if (operation.state === "cancelling") return beginUndoOrSettle(turn, operation.settling ?? CANCELLED);
  if (operation.state !== "running") return dropped(turn);
  if (operation.receivedCount > event.receivedSeen) return released(turn, { event: "waiting", dueAt: at });
  return advance(turn, "waiting", {
    ...releasedFields(turn),
    state: "waiting",
    dueAt: event.until ?? null,
    awaitedMessages: event.receive ?? [],
  });
}

function handedBack(turn: TransitionContext): ChangeResult {
  const { operation, at, kind } = turn;
  // What was to run alone has not come to its end, so it is to run alone still.
  const again: TransitionContext = { ...turn, kind: { ...kind, isolated: operation.isolated } };
  return released(again, { event: "handed-back", dueAt: at });
}

function lost(turn: TransitionContext): ChangeResult {
  const { operation, at, kind, random } = turn;
  const losses = operation.lostWorkers + 1;
  // What comes next, undoing too, runs alone: had it ended its worker, it would end no other work.
  const counted: TransitionContext = {
    ...turn,
    operation: { ...operation, lostWorkers: losses },
    kind: { ...kind, isolated: true },
  };
  const spent = losses >= kind.lostWorkers;
  if (spent && operation.state === "undoing") return abandonUndo(counted, "worker-lost", []);
  if (spent && operation.state === "running") {
    return prependHistory(
      beginUndoOrSettle(counted, { state: "failed", error: WORKER_LOST }),
      historyEntry(turn, "worker-lost"),
    );
  }
  // The first loss is most often a restart, which is no reason to wait.
  const pause = losses === 1 ? 0 : backoffMs(kind.backoff, losses - 1, random);
  return released(counted, { event: "worker-lost", dueAt: at + pause });
}

function overdue(turn: TransitionContext, left: readonly string[] = []): ChangeResult {
  const { operation, at } = turn;
  if ((nextDeadlineAt(operation) ?? Infinity) > at) return dropped(turn);
  const expired = effectiveDeadlineAt(operation) <= at;
  if (operation.state === "undoing") return expired ? finishUndo(turn, left) : undoFailed(turn, TIMED_OUT, left);
  if (operation.state === "cancelling") return beginUndoOrSettle(turn, operation.settling ?? CANCELLED);
  if (!expired) return failed(turn, TIMED_OUT);
  const settling = { state: "failed", error: DEADLINE_EXCEEDED } as const;
  const isHeldNow = operation.state === "running" && isClaimed(operation);
  if (!isHeldNow) return prependHistory(beginUndoOrSettle(turn, settling), historyEntry(turn, "deadline-exceeded"));
  return advance(turn, "deadline-exceeded", { state: "cancelling", settling, timeoutAt: at + TIMEOUT_GRACE_MS });
}

interface Release {
  readonly event: HistoryEventName;
  readonly dueAt: number;
  readonly error?: OperationError;
}

/** The attempt is over and another may follow: the row is anybody's from `dueAt` on. */
function released(turn: TransitionContext, { event, dueAt, error }: Release): ChangeResult {
  const { operation } = turn;
  if (operation.state === "cancelling") {
    return prependHistory(beginUndoOrSettle(turn, operation.settling ?? CANCELLED), historyEntry(turn, event));
  }
  const state = operation.state === "undoing" ? "undoing" : "pending";
  const fields = {
    ...releasedFields(turn),
    state,
    dueAt,
    // A failed attempt begins anew; any other is gone on with, and what was shown stays.
    ...(event === "attempt-failed" ? { progress: null, estimatedEndAt: null } : {}),
  } as const;
  return advance(turn, event, fields, error === undefined ? {} : { error });
}
