import type { ChangeResult, RefusalCode } from "../change.ts";
import type { HistoryEntry, HistoryEventName } from "../history.ts";
import type { Operation } from "../operation.ts";
import type { OperationPolicy, TypePolicy } from "../policy.ts";
import type { ReceivedMessage, Resource, StepRecord } from "../resource.ts";

export interface TransitionInput {
  readonly policy: TypePolicy;
  readonly at: number;
  readonly random: number;
  /** The stored record of the step that a `recorded` event names. */
  readonly record?: StepRecord;
  /** The stored message, of any operation of the resource, that has the id of a `received` event. */
  readonly message?: ReceivedMessage;
}

/** One event in the making: what the rows of the table read. */
export interface TransitionContext extends TransitionInput {
  readonly resource: Resource;
  readonly operation: Operation;
  readonly kind: OperationPolicy;
}

/** What letting go of an attempt resets. */
export function releasedFields({ kind }: TransitionContext): Partial<Operation> {
  return { worker: null, claim: null, timeoutAt: null, isolated: kind.isolated };
}

/** The operation with some fields changed, and the line of history that says so. */
export function advance(
  turn: TransitionContext,
  event: HistoryEventName,
  fields: Partial<Operation>,
  more: Partial<HistoryEntry> = {},
): ChangeResult {
  const operation = { ...turn.operation, ...fields };
  const line = { ...historyEntry(turn, event, more), attempt: operation.attempt };
  return { outcome: "applied", resource: { ...turn.resource, operation }, history: [line] };
}

export function historyEntry(
  turn: TransitionContext,
  event: HistoryEventName,
  more: Partial<HistoryEntry> = {},
): HistoryEntry {
  const { operation, at } = turn;
  return { at, event, operation: operation.id, kind: operation.kind, attempt: operation.attempt, ...more };
}

export function prependHistory(folded: ChangeResult, line: HistoryEntry): ChangeResult {
  return { ...folded, history: [line, ...folded.history] };
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
