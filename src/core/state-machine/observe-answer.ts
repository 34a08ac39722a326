import type { ChangeResult } from "../change.ts";
import type { ObservedEvent } from "../events.ts";
import { isClaimed, type Operation } from "../operation.ts";
import type { OperationPolicy, TypePolicy } from "../policy.ts";
import { type Resource, shownDetails } from "../resource.ts";
import { reported } from "./progress.ts";
import { beginUndoOrSettle, succeeded } from "./settling.ts";
import { begin } from "./status-message.ts";
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
 * Whether `observe` can know anything of a resource: it shows a ready label; or something was begun that may have an end, and
 * nothing is being taken back. What a worker is still to begin is nowhere else yet.
 */
export function isObservable({ status, operation, deletedAt }: Resource, policy: TypePolicy, now: number): boolean {
  if (deletedAt !== null) return false;
  if (operation.settledAt !== null) return policy.ready.includes(status);
  const kind = Object.hasOwn(policy.kinds, operation.kind) ? policy.kinds[operation.kind] : undefined;
  return kind !== undefined && (isBegun(operation) || isLeftToOthers(operation, kind, now));
}

function isBegun({ state }: Operation): boolean {
  return state === "running" || state === "waiting";
}

/** An outside process may have begun it, without a word. */
function isLeftToOthers({ state, dueAt }: Operation, { external }: OperationPolicy, now: number): boolean {
  return external && state === "pending" && (dueAt ?? 0) <= now;
}

/** Takes what `observe` says of an operation in progress. While a worker holds it, its end is the worker's to say. */
export function answered(turn: TransitionContext, event: ObservedEvent): ChangeResult {
  const { operation, kind, at } = turn;
  if (!isOf(turn.resource, event)) return dropped(turn);
  if (isClaimed(operation)) return operation.state === "running" ? told(turn, withoutEnd(event)) : dropped(turn);
  if (isBegun(operation)) return told(turn, event);
  if (!isLeftToOthers(operation, kind, at)) return dropped(turn);
  const begun: TransitionContext = { ...turn, operation: begin(turn) };
  const folded = told(begun, event);
  return folded.outcome === "refused"
    ? { ...folded, resource: turn.resource }
    : prependHistory(folded, historyEntry(begun, "claimed"));
}

/** What of an answer is true also while it goes on: an end's label would be taken for the end. */
function withoutEnd(event: ObservedEvent): ObservedEvent {
  if (event.outcome === undefined) return event;
  const { creation, version, details } = event;
  return { event: "observed", creation, version, ...(details === undefined ? {} : { details }) };
}

function told(turn: TransitionContext, event: ObservedEvent): ChangeResult {
  const { operation, resource } = turn;
  switch (event.outcome) {
    case "succeeded":
      return succeeded(
        { ...turn, operation: { ...operation, state: "running" } },
        event.status,
        event.details ?? shownDetails(resource),
      );
    case "failed":
      return beginUndoOrSettle(turn, { state: "failed", error: event.error });
    case undefined: {
      const { status, details, progress } = event;
      const folded = reported(turn, {
        sequence: operation.sequence,
        ...(status === undefined ? {} : { status }),
        ...(details === undefined ? {} : { details }),
        ...(progress === undefined ? {} : { progress }),
      });
      const isNews =
        folded.resource !== undefined && withNewVersion(resource, folded.resource, turn.at) !== folded.resource;
      return folded.outcome === "applied" && !isNews ? unchanged(turn) : folded;
    }
  }
}

/** Takes what `observe` says of a settled resource: the label and the details are as they are out there, what was settled stays. */
export function watched(resource: Resource, event: ObservedEvent, { policy, at }: TransitionInput): ChangeResult {
  const { status = resource.status, details = resource.details } = event;
  const nothing = { resource, history: [] } as const;
  if (!isOf(resource, event) || !policy.ready.includes(resource.status)) return { outcome: "dropped", ...nothing };
  if (!policy.ready.includes(status)) return { outcome: "refused", code: "unknown-status", ...nothing };
  if (details.length > policy.maxBytes) return { outcome: "refused", code: "operation-too-large", ...nothing };
  if (status === resource.status && details === resource.details) return { outcome: "unchanged", ...nothing };
  const { id: operation, kind, attempt } = resource.operation;
  const line = { at, event: "status", operation, kind, attempt, status } as const;
  return {
    outcome: "applied",
    resource: withNewVersion(resource, { ...resource, status, settledStatus: status, details }, at),
    history: status === resource.status ? [] : [line],
  };
}

function isOf({ creation, version }: Resource, event: ObservedEvent): boolean {
  return creation === event.creation && version === event.version;
}
