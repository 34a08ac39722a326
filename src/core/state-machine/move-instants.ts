import { isInProgress } from "../operation.ts";
import type { Resource } from "../resource.ts";

/** Larger sequences are instants: status messages use theirs, and worker sequences stay far below. */
const MIN_INSTANT = 100_000_000_000;

/**
 * Moves the instants of an operation in progress by a clock step, so that everything keeps its remaining time. Instants
 * of what has happened, such as `createdAt`, stay as they were recorded.
 */
export function moveInstants(resource: Resource, byMs: number): Resource {
  const { operation } = resource;
  if (!isInProgress(operation)) return resource;
  const moved = (at: number | null): number | null => (at === null ? null : at + byMs);
  return {
    ...resource,
    updatedAt: resource.updatedAt + byMs,
    operation: {
      ...operation,
      acceptedAt: operation.acceptedAt + byMs,
      deadlineAt: operation.deadlineAt + byMs,
      undoDeadlineAt: moved(operation.undoDeadlineAt),
      startedAt: moved(operation.startedAt),
      attemptAt: moved(operation.attemptAt),
      timeoutAt: moved(operation.timeoutAt),
      dueAt: moved(operation.dueAt),
      estimatedEndAt: moved(operation.estimatedEndAt),
      lastStepAt: moved(operation.lastStepAt),
      sequence: byMs < 0 && operation.sequence > MIN_INSTANT ? operation.sequence + byMs : operation.sequence,
    },
  };
}
