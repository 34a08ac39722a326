import type { Folded } from "../change.ts";
import type { OperationEvent } from "../events.ts";
import { isHeld, type Operation, TIMEOUT_GRACE_MS } from "../operation.ts";
import { CANCELLED, conclude } from "./settling.ts";
import { exceeds, messageSize } from "./size.ts";
import { entry, next, refused, type Turn, unchanged, withEntry } from "./transition-context.ts";

export function cancelAsked(turn: Turn): Folded {
  const { operation } = turn;
  if (operation.kind === "delete") return refused(turn, "delete-in-progress");
  if (operation.state === "running" && isHeld(operation)) {
    return next(turn, "cancel-asked", { state: "cancelling", settling: CANCELLED, timeoutAt: lastMomentOf(turn) });
  }
  // An outside process that nobody waits for is not asked to stop: what it says from now on comes too late.
  if (operation.state === "cancelling" || operation.state === "undoing") return unchanged(turn);
  return withEntry(conclude(turn, CANCELLED), entry(turn, "cancel-asked"));
}

/**
 * Until when a worker that was asked to stop may take. It has a moment, even at the deadline, to record what it is doing, so that
 * undoing does not race it.
 */
function lastMomentOf({ operation, at }: Turn): number {
  const latest = Math.max(operation.deadlineAt, at) + TIMEOUT_GRACE_MS;
  return Math.min(operation.timeoutAt ?? latest, latest);
}

export function deleteAsked(turn: Turn, operation: string): Folded {
  if (turn.operation.kind === "delete" || turn.operation.deleteAsked !== null) {
    return unchanged(turn);
  }
  const flagged: Turn = { ...turn, operation: { ...turn.operation, deleteAsked: operation } };
  const cancelled = cancelAsked(flagged);
  const resource =
    cancelled.outcome === "unchanged" ? { ...turn.resource, operation: flagged.operation } : cancelled.resource;
  return withEntry({ ...cancelled, outcome: "applied", resource }, entry(turn, "delete-asked"));
}

export function received(turn: Turn, event: Extract<OperationEvent, { event: "received" }>): Folded {
  const { operation, resource, at } = turn;
  const bytes = operation.bytes + messageSize(event);
  if (exceeds(turn, bytes)) return refused(turn, "operation-too-large");
  const awaited = operation.state === "waiting" && operation.awaiting.includes(event.name);
  const position = operation.received + 1;
  const after: Operation = {
    ...operation,
    received: position,
    bytes,
    ...(awaited ? { state: "pending", dueAt: at } : {}),
  };
  return {
    outcome: "applied",
    resource: { ...resource, operation: after },
    history: [entry(turn, "received", { step: event.name })],
    message: { id: event.id, name: event.name, value: event.value, position, at },
  };
}
