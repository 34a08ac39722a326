import type { ChangeResult } from "../change.ts";
import type { AttemptEvent } from "../events.ts";
import { isSettledLabel } from "../policy.ts";
import { exceedsMaxBytes } from "./size.ts";
import { dropped, historyEntry, refused, type TransitionContext } from "./transition-context.ts";

type Progress = Extract<AttemptEvent, { event: "progress" }>;

/** Applies a worker's progress message. Drops it if a newer one was applied. */
export function applyProgress(context: TransitionContext, event: Progress): ChangeResult {
  if (event.sequence <= context.operation.sequence) return dropped(context);
  const result = writeProgress(context, event);
  if (result.outcome !== "refused" || event.details === undefined) return result;
  // A report is advice, so the rest of it counts although its details are too large.
  const { details: _details, ...rest } = event;
  return writeProgress(context, rest);
}

/** Writes the latest value of each field. Progress never decreases, and a label of settled resources is ignored. */
export function writeProgress(context: TransitionContext, event: Omit<Progress, "event" | "attempt">): ChangeResult {
  const { operation, resource } = context;
  const details = event.details ?? operation.details;
  const bytes = operation.bytes + (details?.length ?? 0) - (operation.details?.length ?? 0);
  if (exceedsMaxBytes(context, bytes)) return refused(context, "operation-too-large");
  const progress =
    event.progress === undefined ? operation.progress : Math.max(operation.progress ?? 0, event.progress);
  const isContinuing = operation.state === "running" || operation.state === "waiting";
  const isShown = isContinuing && event.status !== undefined && !isSettledLabel(context.policy, event.status);
  const status = isShown ? event.status : resource.status;
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
    history: status === resource.status ? [] : [historyEntry(context, "status", { status })],
  };
}
