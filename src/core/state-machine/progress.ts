import type { ChangeResult } from "../change.ts";
import type { AttemptEvent } from "../events.ts";
import { exceeds } from "./size.ts";
import { dropped, historyEntry, refused, type TransitionContext } from "./transition-context.ts";

type Progress = Extract<AttemptEvent, { event: "progress" }>;

/** What a worker reports of its attempt: dropped where a newer report was applied. */
export function progressed(turn: TransitionContext, event: Progress): ChangeResult {
  return event.sequence <= turn.operation.sequence ? dropped(turn) : reported(turn, event);
}

/** Writes the latest value of every field. Progress never goes back. */
export function reported(turn: TransitionContext, event: Omit<Progress, "event" | "attempt">): ChangeResult {
  const { operation, resource } = turn;
  const details = event.details ?? operation.details;
  const bytes = operation.bytes + (details?.length ?? 0) - (operation.details?.length ?? 0);
  if (exceeds(turn, bytes)) return refused(turn, "operation-too-large");
  const progress =
    event.progress === undefined ? operation.progress : Math.max(operation.progress ?? 0, event.progress);
  const isGoingOn = operation.state === "running" || operation.state === "waiting";
  const status = isGoingOn ? (event.status ?? resource.status) : resource.status;
  const after = {
    ...operation,
    sequence: event.sequence,
    details,
    bytes,
    progress,
    estimatedEndAt: event.estimatedEndAt ?? operation.estimatedEndAt,
  };
  return {
    outcome: "applied",
    resource: { ...resource, status, operation: after },
    history: status === resource.status ? [] : [historyEntry(turn, "status", { status })],
  };
}
