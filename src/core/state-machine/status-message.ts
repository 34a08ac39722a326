import type { ChangeResult } from "../change.ts";
import type { StatusReportedEvent } from "../events.ts";
import { isJsonObject, type JsonText } from "../json/json.ts";
import { isClaimed, type Operation } from "../operation.ts";
import { type Resource, shownDetails } from "../resource.ts";
import { reported } from "./progress.ts";
import { beginUndoOrSettle, succeeded } from "./settling.ts";
import { dropped, historyEntry, refused, type TransitionContext, prependHistory } from "./transition-context.ts";

/** Takes what an outside process says of an operation that no worker holds. */
export function observed(turn: TransitionContext, event: StatusReportedEvent): ChangeResult {
  const { operation, kind } = turn;
  if (!kind.external) return refused(turn, "not-external");
  if (isClaimed(operation)) return refused(turn, "operation-claimed");
  // What is left to do then is to undo steps, which takes a worker.
  if (operation.state === "undoing" || isOutdone(event, operation)) return dropped(turn);
  if (operation.state === "running") return told(turn, event);
  const begun: TransitionContext = { ...turn, operation: begin(turn) };
  const folded = told(begun, event);
  if (folded.outcome !== "applied") return { ...folded, resource: turn.resource };
  return prependHistory(folded, historyEntry(begun, "claimed"));
}

function isOutdone({ sentAt, isLatest = false }: StatusReportedEvent, { sequence }: Operation): boolean {
  return !isLatest && sentAt < sequence;
}

/** What an outside process says once the operation is settled: nothing new where it is the very message that settled it. */
export function observedLate(resource: Resource, { sentAt, isLatest = false }: StatusReportedEvent): ChangeResult {
  const { sequence } = resource.operation;
  if (isLatest) return { outcome: "refused", code: "settled", resource, history: [] };
  if (sentAt === sequence) return { outcome: "unchanged", resource, history: [] };
  if (sentAt < sequence) return dropped({ resource });
  return { outcome: "refused", code: "settled", resource, history: [] };
}

/** Nobody holds the attempt, so that nobody is missed either: it has no limit but the operation's own. */
export function begin({ operation, at }: TransitionContext): Operation {
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

function told(turn: TransitionContext, event: StatusReportedEvent): ChangeResult {
  const sequence = Math.max(event.sentAt, turn.operation.sequence);
  const heard: TransitionContext = { ...turn, operation: { ...turn.operation, sequence } };
  switch (event.outcome) {
    case "succeeded":
      return succeeded(heard, event.label, event.details);
    case "failed":
      return beginUndoOrSettle(heard, { state: "failed", error: event.error });
    case undefined: {
      const { sentAt: _sentAt, isLatest: _isLatest, details, ...rest } = event;
      return reported(heard, {
        ...rest,
        sequence,
        ...(details === undefined ? {} : { details: merged(turn.resource, details) }),
      });
    }
  }
}

function merged(resource: Resource, details: JsonText): JsonText {
  const before: unknown = JSON.parse(shownDetails(resource));
  const said: unknown = JSON.parse(details);
  return JSON.stringify({ ...(isJsonObject(before) ? before : {}), ...(isJsonObject(said) ? said : {}) });
}
