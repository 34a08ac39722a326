import type { ChangeResult } from "../change.ts";
import type { OperationEvent } from "../events.ts";
import { isClaimed, type Operation, TIMEOUT_GRACE_MS } from "../operation.ts";
import { CANCELLED, beginUndoOrSettle } from "./settling.ts";
import { exceeds, messageSize } from "./size.ts";
import {
  historyEntry,
  advance,
  refused,
  type TransitionContext,
  unchanged,
  prependHistory,
} from "./transition-context.ts";

export function cancelAsked(turn: TransitionContext): ChangeResult {
  const { operation } = turn;
  if (operation.kind === "delete") return refused(turn, "delete-in-progress");
  if (operation.state === "running" && isClaimed(operation)) {
    return advance(turn, "cancel-requested", {
      state: "cancelling",
      settling: CANCELLED,
      timeoutAt: lastMomentOf(turn),
    });
  }
  // An outside process that nobody waits for is not asked to stop: what it says from now on comes too late.
  if (operation.state === "cancelling" || operation.state === "undoing") return unchanged(turn);
  return prependHistory(beginUndoOrSettle(turn, CANCELLED), historyEntry(turn, "cancel-requested"));
}

/**
 * Until when a worker that was asked to stop may take. It has a moment, even at the deadline, to record what it is doing, so that
 * undoing does not race it.
 */
function lastMomentOf({ operation, at }: TransitionContext): number {
  const latest = Math.max(operation.deadlineAt, at) + TIMEOUT_GRACE_MS;
  return Math.min(operation.timeoutAt ?? latest, latest);
}

export function deleteAsked(turn: TransitionContext, operation: string): ChangeResult {
  if (turn.operation.kind === "delete" || turn.operation.requestedDelete !== null) {
    return unchanged(turn);
  }
  const flagged: TransitionContext = { ...turn, operation: { ...turn.operation, requestedDelete: operation } };
  const cancelled = cancelAsked(flagged);
  const resource =
    cancelled.outcome === "unchanged" ? { ...turn.resource, operation: flagged.operation } : cancelled.resource;
  return prependHistory({ ...cancelled, outcome: "applied", resource }, historyEntry(turn, "delete-requested"));
}

export function received(turn: TransitionContext, event: Extract<OperationEvent, { event: "received" }>): ChangeResult {
  const { operation, resource, at } = turn;
  const bytes = operation.bytes + messageSize(event);
  if (exceeds(turn, bytes)) return refused(turn, "operation-too-large");
  const awaited = operation.state === "waiting" && operation.awaitedMessages.includes(event.name);
  const position = operation.receivedCount + 1;
  const after: Operation = {
    ...operation,
    receivedCount: position,
    bytes,
    ...(awaited ? { state: "pending", dueAt: at } : {}),
  };
  return {
    outcome: "applied",
    resource: { ...resource, operation: after },
    history: [historyEntry(turn, "received", { step: event.name })],
    message: { id: event.id, name: event.name, value: event.value, position, at },
  };
}
