import type { Folded } from "../change.ts";
import type { HistoryEntry, HistoryEventName } from "../history.ts";
import type { JsonText } from "../json/json.ts";
import type { Operation, OperationError, Settlement } from "../operation.ts";
import { kindPolicyOf } from "../policy.ts";
import type { Resource } from "../resource.ts";
import { after, newDelete } from "./new-operation.ts";
import { removed } from "./removed.ts";
import { dropped, entry, next, refused, type Turn, unheld, withEntry } from "./transition-context.ts";

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
export function conclude(turn: Turn, settlement: Settlement): Folded {
  const { operation, at, kind } = turn;
  if (operation.undoable === 0) return settle(turn, settlement);
  const fields = {
    ...unheld(turn),
    state: "undoing",
    settling: settlement,
    dueAt: at,
    awaiting: [],
    undoDeadlineAt: at + kind.undo.deadlineMs,
    losses: 0,
    // Work's estimate was of something else.
    estimatedEndAt: null,
  } as const;
  return next(turn, "undoing", fields, { error: settlement.error });
}

/** Ends an operation as its worker says, or refuses what the type does not allow. */
export function succeeded(turn: Turn, label: string | undefined, details: JsonText): Folded {
  const { operation, policy } = turn;
  if (operation.state !== "running" && operation.state !== "cancelling") return dropped(turn);
  if (label !== undefined && !policy.ready.includes(label)) return refused(turn, "unknown-status");
  if (details.length > policy.maxBytes) return refused(turn, "operation-too-large");
  return settle(turn, { state: "succeeded", label: label ?? policy.ready[0], details });
}

/** Ends undoing: as it was meant to where nothing is left to undo, else failed, naming what is left. */
export function endUndoing(turn: Turn, left: readonly string[]): Folded {
  const { undoable, settling } = turn.operation;
  return settle(turn, undoable === 0 ? (settling ?? CANCELLED) : undoIncomplete(left));
}

/** Goes on undoing no more. Without the names of what is left, the reaper, who asks the store for them, ends it at once. */
export function giveUpUndoing(turn: Turn, event: HistoryEventName, left: readonly string[]): Folded {
  if (left.length > 0 || turn.operation.undoable === 0) return withEntry(endUndoing(turn, left), entry(turn, event));
  return next(turn, event, { ...unheld(turn), dueAt: null, undoDeadlineAt: turn.at });
}

/** Ends the operation and gives the resource its outcome; a DELETE asked for meanwhile begins in the same change. */
function settle(turn: Turn, outcome: Success | Settlement): Folded {
  const { at, operation } = turn;
  const ended: Operation = {
    ...operation,
    ...unheld(turn),
    state: outcome.state,
    settledAt: at,
    dueAt: null,
    awaiting: [],
    settling: null,
  };
  if (operation.kind === "delete" && outcome.state === "succeeded") {
    const resource = { ...turn.resource, operation: ended, deletedAt: at };
    return { outcome: "applied", resource, history: [entry(turn, "succeeded"), entry(turn, "deleted")] };
  }
  const resource = { ...withOutcome(turn, outcome), operation: ended };
  const error = outcome.state === "succeeded" ? {} : { error: outcome.error };
  const line = entry(turn, outcome.state, { status: resource.status, ...error });
  if (operation.deleteAsked === null) return { outcome: "applied", resource, history: [line] };
  return startDelete(turn, resource, operation.deleteAsked, line);
}

function withOutcome({ resource, operation, policy }: Turn, outcome: Success | Settlement): Resource {
  if (outcome.state === "succeeded") {
    const { label, details } = outcome;
    const { configuration, sent } = operation;
    return { ...resource, status: label, settledStatus: label, configuration, sent, details, error: null };
  }
  const label = outcome.state === "cancelled" ? policy.cancelled : policy.failed;
  const back = operation.kind !== "create" && resource.settledStatus !== null;
  const stays = back && !(outcome.state === "failed" && policy.failedAfterChange);
  const status = stays ? (resource.settledStatus ?? label) : label;
  return { ...resource, status, settledStatus: status, error: outcome.error };
}

function startDelete(
  { at, policy, operation: { trace } }: Turn,
  resource: Resource,
  id: string,
  line: HistoryEntry,
): Folded {
  if (!Object.hasOwn(policy.kinds, "delete")) {
    const gone = removed(resource, { id, at, policy, trace });
    return { ...gone, history: [line, ...gone.history] };
  }
  const kind = kindPolicyOf(policy, "delete");
  const operation = newDelete(resource, { id, at, policy: kind, trace });
  const accepted = { at, event: "accepted", operation: id, kind: "delete", attempt: 0, status: kind.status } as const;
  return {
    outcome: "applied",
    resource: { ...resource, status: kind.status, error: null, operation: after(resource.operation, operation, kind) },
    history: [line, accepted],
  };
}
