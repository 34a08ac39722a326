import type { ChangeResult } from "../change.ts";
import type { StatusReportedEvent } from "../events.ts";
import { isJsonObject, type JsonText } from "../json/json.ts";
import { isClaimed, type Operation } from "../operation.ts";
import { type Resource, shownDetails } from "../resource.ts";
import { writeProgress } from "./progress.ts";
import { beginUndoOrSettle, applySuccess } from "./settling.ts";
import { dropped, historyEntry, refused, type TransitionContext, prependHistory } from "./transition-context.ts";

/** Applies a status message of an external process to an operation that no worker has claimed. */
export function applyStatusReport(context: TransitionContext, event: StatusReportedEvent): ChangeResult {
  const { operation, kind } = context;
  if (!kind.external) return refused(context, "not-external");
  if (isClaimed(operation)) return refused(context, "operation-claimed");
  // The remaining work of an undoing operation is to undo steps, which only a worker can do.
  if (operation.state === "undoing" || isOutdated(event, operation)) return dropped(context);
  if (operation.state === "running") return applyReport(context, event);
  const begun: TransitionContext = { ...context, operation: beginUnclaimedAttempt(context) };
  const result = applyReport(begun, event);
  if (result.outcome !== "applied") return { ...result, resource: context.resource };
  return prependHistory(result, historyEntry(begun, "claimed"));
}

function isOutdated({ sentAt, isLatest = false }: StatusReportedEvent, { sequence }: Operation): boolean {
  return !isLatest && sentAt < sequence;
}

/**
 * Answers a status message for a settled operation. A repetition of the message that settled it is accepted without
 * effect.
 */
export function applyLateStatusReport(
  resource: Resource,
  { sentAt, isLatest = false }: StatusReportedEvent,
): ChangeResult {
  const { sequence } = resource.operation;
  if (isLatest) return { outcome: "refused", code: "settled", resource, history: [] };
  if (sentAt === sequence) return { outcome: "unchanged", resource, history: [] };
  if (sentAt < sequence) return dropped({ resource });
  return { outcome: "refused", code: "settled", resource, history: [] };
}

/**
 * Begins an attempt that no worker has claimed. It has no timeout, only the operation's deadline: no worker can be
 * lost.
 */
export function beginUnclaimedAttempt({ operation, at }: TransitionContext): Operation {
  return {
    ...operation,
    state: "running",
    attempt: operation.attempt + 1,
    startedAt: operation.startedAt ?? at,
    attemptAt: at,
    dueAt: null,
    awaitedMessages: [],
  };
}

function applyReport(context: TransitionContext, event: StatusReportedEvent): ChangeResult {
  const sequence = Math.max(event.sentAt, context.operation.sequence);
  const updated: TransitionContext = { ...context, operation: { ...context.operation, sequence } };
  switch (event.outcome) {
    case "succeeded":
      return applySuccess(updated, event.label, event.details);
    case "failed":
      return beginUndoOrSettle(updated, { state: "failed", error: event.error });
    case undefined: {
      const { sentAt: _sentAt, isLatest: _isLatest, details, ...rest } = event;
      return writeProgress(updated, {
        ...rest,
        sequence,
        ...(details === undefined ? {} : { details: mergeDetails(context.resource, details) }),
      });
    }
  }
}

function mergeDetails(resource: Resource, details: JsonText): JsonText {
  const before: unknown = JSON.parse(shownDetails(resource));
  const reported: unknown = JSON.parse(details);
  return JSON.stringify({ ...(isJsonObject(before) ? before : {}), ...(isJsonObject(reported) ? reported : {}) });
}
