import type { ChangeResult, RefusalCode } from "../change.ts";
import type { HistoryEntry, HistoryEventName } from "../history.ts";
import type { Operation } from "../operation.ts";
import type { OperationPolicy, TypePolicy } from "../policy.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../resource.ts";

/** The input of a transition beside the row and the event: policy, time, and what the store has for the event. */
export interface TransitionInput {
  readonly policy: TypePolicy;
  readonly at: number;
  readonly random: number;
  /** The stored record of the step that a `recorded` event names. */
  readonly record?: StepRecord;
  /** The stored message, of any operation of the resource, that has the id of a `received` event. */
  readonly message?: ReceivedMessage;
}

/** The context for applying one event: resource, operation, policy and time. */
export interface TransitionContext extends TransitionInput {
  readonly resource: Resource;
  readonly operation: Operation;
  readonly kind: OperationPolicy;
}

/** Returns the fields that are reset when an attempt ends. */
export function releasedFields({ kind }: TransitionContext): Partial<Operation> {
  return { worker: null, claim: null, timeoutAt: null, isolated: kind.isolated };
}

/** Changes some fields of the operation, and adds the entry to the history. */
export function advance(
  context: TransitionContext,
  event: HistoryEventName,
  fields: Partial<Operation>,
  more: Partial<HistoryEntry> = {},
): ChangeResult {
  const operation = { ...context.operation, ...fields };
  const entry = { ...historyEntry(context, event, more), attempt: operation.attempt };
  return { outcome: "applied", resource: { ...context.resource, operation }, history: [entry] };
}

export function historyEntry(
  context: TransitionContext,
  event: HistoryEventName,
  more: Partial<HistoryEntry> = {},
): HistoryEntry {
  const { operation, at } = context;
  return { at, event, operation: operation.id, kind: operation.kind, attempt: operation.attempt, ...more };
}

export function prependHistory(result: ChangeResult, entry: HistoryEntry): ChangeResult {
  return { ...result, history: [entry, ...result.history] };
}

/** Changes the label that the resource shows. */
export function withStatus(context: TransitionContext, status: string): TransitionContext {
  return { ...context, resource: { ...context.resource, status } };
}

export function dropped({ resource }: Pick<TransitionContext, "resource">): ChangeResult {
  return { outcome: "dropped", resource, history: [] };
}

export function unchanged({ resource }: Pick<TransitionContext, "resource">): ChangeResult {
  return { outcome: "unchanged", resource, history: [] };
}

export function refused({ resource }: TransitionContext, code: RefusalCode): ChangeResult {
  return { outcome: "refused", code, resource, history: [] };
}
