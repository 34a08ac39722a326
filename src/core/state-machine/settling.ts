import type { ChangeResult } from "../change.ts";
import type { HistoryEntry, HistoryEventName } from "../history.ts";
import type { JsonText } from "../json/json.ts";
import type { Operation, OperationError, Settlement } from "../operation.ts";
import { kindPolicyOf } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { after, newDelete } from "./new-operation.ts";
import { removed } from "./removed.ts";
import {
  dropped,
  historyEntry,
  advance,
  refused,
  type TransitionContext,
  releasedFields,
  prependHistory,
} from "./transition-context.ts";

export const CANCELLED: Settlement = {
  state: "cancelled",
  error: { code: "cancelled", title: "Cancelled", detail: "The operation was cancelled.", retryable: true },
};

export const TIMED_OUT: OperationError = {
  code: "timed-out",
  title: "Timed out",
  detail: "An attempt took longer than the operation allows.",
  retryable: true,
};

export const DEADLINE_EXCEEDED: OperationError = {
  code: "deadline-exceeded",
  title: "Deadline exceeded",
  detail: "The operation did not finish within the time it had in all.",
  retryable: true,
};

export const WORKER_LOST: OperationError = {
  code: "worker-lost",
  title: "Workers lost",
  detail: "The processes that ran the operation ended before it did, too many times.",
  retryable: true,
};

function undoIncomplete(left: readonly string[]): Settlement {
  const what = left.length === 0 ? "Some steps" : `These steps: ${left.join(", ")}`;
  return {
    state: "failed",
    error: {
      code: "undo-incomplete",
      title: "Undo incomplete",
      detail: `${what} could not be undone; what they made may still exist.`,
      retryable: false,
    },
  };
}

type Success = { readonly state: "succeeded"; readonly label: string; readonly details: JsonText };

/** Ends an operation that did not succeed: first its steps are undone, if there are any to undo. */
export function beginUndoOrSettle(turn: TransitionContext, settlement: Settlement): ChangeResult {
  const { operation, at, kind } = turn;
  if (operation.undoable === 0) return settle(turn, settlement);
  const fields = {
    ...releasedFields(turn),
    state: "undoing",
    settling: settlement,
    dueAt: at,
    awaitedMessages: [],
    undoDeadlineAt: at + kind.undo.deadlineMs,
    lostWorkers: 0,
    // Work's estimate was of something else.
    estimatedEndAt: null,
  } as const;
  return advance(turn, "undoing", fields, { error: settlement.error });
}

/** Ends an operation as its worker says, or refuses what the type does not allow. */
export function succeeded(turn: TransitionContext, label: string | undefined, details: JsonText): ChangeResult {
  const { operation, policy } = turn;
  if (operation.state !== "running" && operation.state !== "cancelling") return dropped(turn);
  if (label !== undefined && !policy.ready.includes(label)) return refused(turn, "unknown-status");
  if (details.length > policy.maxBytes) return refused(turn, "operation-too-large");
  return settle(turn, { state: "succeeded", label: label ?? policy.ready[0], details });
}

/** Ends undoing: as it was meant to where nothing is left to undo, else failed, naming what is left. */
export function finishUndo(turn: TransitionContext, left: readonly string[]): ChangeResult {
  const { undoable, settling } = turn.operation;
  return settle(turn, undoable === 0 ? (settling ?? CANCELLED) : undoIncomplete(left));
}

/** Goes on undoing no more. Without the names of what is left, the reaper, who asks the store for them, ends it at once. */
export function abandonUndo(turn: TransitionContext, event: HistoryEventName, left: readonly string[]): ChangeResult {
  if (left.length > 0 || turn.operation.undoable === 0)
    return prependHistory(finishUndo(turn, left), historyEntry(turn, event));
  return advance(turn, event, { ...releasedFields(turn), dueAt: null, undoDeadlineAt: turn.at });
}

/** Ends the operation and gives the resource its outcome; a DELETE asked for meanwhile begins in the same change. */
function settle(turn: TransitionContext, outcome: Success | Settlement): ChangeResult {
  const { at, operation } = turn;
  const ended: Operation = {
    ...operation,
    ...releasedFields(turn),
    state: outcome.state,
    settledAt: at,
    dueAt: null,
    awaitedMessages: [],
    settling: null,
  };
  if (operation.kind === "delete" && outcome.state === "succeeded") {
    const resource = { ...turn.resource, operation: ended, deletedAt: at };
    return { outcome: "applied", resource, history: [historyEntry(turn, "succeeded"), historyEntry(turn, "deleted")] };
  }
  const resource = { ...withOutcome(turn, outcome), operation: ended };
  const error = outcome.state === "succeeded" ? {} : { error: outcome.error };
  const line = historyEntry(turn, outcome.state, { status: resource.status, ...error });
  if (operation.requestedDelete === null) return { outcome: "applied", resource, history: [line] };
  return startDelete(turn, resource, operation.requestedDelete, line);
}

function withOutcome({ resource, operation, policy }: TransitionContext, outcome: Success | Settlement): Resource {
  if (outcome.state === "succeeded") {
    const { label, details } = outcome;
    const { configuration, rawConfiguration: sent } = operation;
    return {
      ...resource,
      status: label,
      settledStatus: label,
      configuration,
      rawConfiguration: sent,
      details,
      error: null,
    };
  }
  const label = outcome.state === "cancelled" ? policy.cancelled : policy.failed;
  const back = operation.kind !== "create" && resource.settledStatus !== null;
  const stays = back && !(outcome.state === "failed" && policy.failedAfterChange);
  const status = stays ? (resource.settledStatus ?? label) : label;
  return { ...resource, status, settledStatus: status, error: outcome.error };
}

function startDelete(
  { at, policy, operation: { traceparent: trace } }: TransitionContext,
  resource: Resource,
  id: string,
  line: HistoryEntry,
): ChangeResult {
  if (!Object.hasOwn(policy.kinds, "delete")) {
    const gone = removed(resource, { id, at, policy, traceparent: trace });
    return { ...gone, history: [line, ...gone.history] };
  }
  const kind = kindPolicyOf(policy, "delete");
  const operation = newDelete(resource, { id, at, policy: kind, traceparent: trace });
  const accepted = { at, event: "accepted", operation: id, kind: "delete", attempt: 0, status: kind.status } as const;
  return {
    outcome: "applied",
    resource: { ...resource, status: kind.status, error: null, operation: after(resource.operation, operation, kind) },
    history: [line, accepted],
  };
}
