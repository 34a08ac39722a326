import type { ChangeResult } from "../change.ts";
import type { ObservedEvent } from "../events.ts";
import { isClaimed, type Operation } from "../operation.ts";
import type { OperationPolicy, TypePolicy } from "../policy.ts";
import { type Resource, shownDetails } from "../resource.ts";
import { writeProgress } from "./progress.ts";
import { beginUndoOrSettle, applySuccess } from "./settling.ts";
import { beginUnclaimedAttempt } from "./status-message.ts";
import {
  dropped,
  historyEntry,
  type TransitionInput,
  type TransitionContext,
  unchanged,
  prependHistory,
} from "./transition-context.ts";
import { withNewVersion } from "./version.ts";

/**
 * Returns true if a background process may exist for a resource, so that calling `observe` makes sense: the resource
 * shows a ready label, or its operation has begun and is neither cancelling nor undoing. An operation that still waits
 * for a worker has no process.
 */
export function isObservable({ status, operation, deletedAt }: Resource, policy: TypePolicy, now: number): boolean {
  if (deletedAt !== null) return false;
  if (operation.settledAt !== null) return policy.ready.includes(status);
  const kind = Object.hasOwn(policy.kinds, operation.kind) ? policy.kinds[operation.kind] : undefined;
  return kind !== undefined && (hasBegun(operation) || mayBeginExternally(operation, kind, now));
}

function hasBegun({ state }: Operation): boolean {
  return state === "running" || state === "waiting";
}

/** An external process may have begun the operation without a message. */
function mayBeginExternally({ state, dueAt }: Operation, { external }: OperationPolicy, now: number): boolean {
  return external && state === "pending" && (dueAt ?? 0) <= now;
}

/**
 * Applies a result of `observe` to an operation in progress. While a worker has claimed it, only the worker ends it.
 */
export function applyObservation(context: TransitionContext, event: ObservedEvent): ChangeResult {
  const { operation, kind, at } = context;
  if (!isForVersion(context.resource, event)) return dropped(context);
  if (isClaimed(operation)) {
    return operation.state === "running" ? applyObservedState(context, withoutOutcome(event)) : dropped(context);
  }
  if (hasBegun(operation)) return applyObservedState(context, event);
  if (!mayBeginExternally(operation, kind, at)) return dropped(context);
  const begun: TransitionContext = { ...context, operation: beginUnclaimedAttempt(context) };
  const result = applyObservedState(begun, event);
  return result.outcome === "refused"
    ? { ...result, resource: context.resource }
    : prependHistory(result, historyEntry(begun, "claimed"));
}

/**
 * Keeps the part of a result that holds while the operation continues: clients would take the label of an end for the
 * end.
 */
function withoutOutcome(event: ObservedEvent): ObservedEvent {
  if (event.outcome === undefined) return event;
  const { creation, version, details } = event;
  return { event: "observed", creation, version, ...(details === undefined ? {} : { details }) };
}

function applyObservedState(context: TransitionContext, event: ObservedEvent): ChangeResult {
  const { operation, resource } = context;
  switch (event.outcome) {
    case "succeeded":
      return applySuccess(
        { ...context, operation: { ...operation, state: "running" } },
        event.status,
        event.details ?? shownDetails(resource),
      );
    case "failed":
      return beginUndoOrSettle(context, { state: "failed", error: event.error });
    case undefined: {
      const { status, details, progress } = event;
      const result = writeProgress(context, {
        sequence: operation.sequence,
        ...(status === undefined ? {} : { status }),
        ...(details === undefined ? {} : { details }),
        ...(progress === undefined ? {} : { progress }),
      });
      const isChanged =
        result.resource !== undefined && withNewVersion(resource, result.resource, context.at) !== result.resource;
      return result.outcome === "applied" && !isChanged ? unchanged(context) : result;
    }
  }
}

/**
 * Applies a result of `observe` to a settled resource: label and details follow the background process, the outcome
 * stays.
 */
export function applySettledObservation(
  resource: Resource,
  event: ObservedEvent,
  { policy, at }: TransitionInput,
): ChangeResult {
  const { status = resource.status, details = resource.details } = event;
  const unapplied = { resource, history: [] } as const;
  if (!isForVersion(resource, event) || !policy.ready.includes(resource.status)) {
    return { outcome: "dropped", ...unapplied };
  }
  if (!policy.ready.includes(status)) return { outcome: "refused", code: "unknown-status", ...unapplied };
  if (details.length > policy.maxBytes) return { outcome: "refused", code: "operation-too-large", ...unapplied };
  if (status === resource.status && details === resource.details) return { outcome: "unchanged", ...unapplied };
  const { id: operation, kind, attempt } = resource.operation;
  const entry = { at, event: "status", operation, kind, attempt, status } as const;
  return {
    outcome: "applied",
    resource: withNewVersion(resource, { ...resource, status, settledStatus: status, details }, at),
    history: status === resource.status ? [] : [entry],
  };
}

function isForVersion({ creation, version }: Resource, event: ObservedEvent): boolean {
  return creation === event.creation && version === event.version;
}
