import type { JsonText } from "./json/json.ts";

/** `undoing` may follow `running` and `cancelling`; the last three are settled. */
export type OperationState =
  | "pending"
  | "running"
  | "waiting"
  | "cancelling"
  | "undoing"
  | "succeeded"
  | "failed"
  | "cancelled";

/** Why an operation did not succeed, as clients see it. Never a stack trace or an internal message. */
export interface OperationError {
  /** Stable, for programs. `cancelled` for a cancelled operation. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** True when the same operation may succeed on another try. */
  readonly retryable: boolean;
}

/** What an operation becomes once its worker has let go of it and its steps are undone. */
export type Settlement = { readonly state: "cancelled" | "failed"; readonly error: OperationError };

/** One long-running change of a resource. A resource holds its latest one, in progress or settled. */
export interface Operation {
  readonly id: string;
  /** `create`, `update`, `delete`, or an action's name. */
  readonly kind: string;
  readonly state: OperationState;
  /** The first operation of a chain of retries, itself included. Records and received messages belong to it. */
  readonly root: string;
  /** Grows with every claim: the fence that all a worker says must match. */
  readonly attempt: number;
  /** The newest progress message applied in this attempt. */
  readonly sequence: number;
  readonly failures: number;
  /** Workers lost, counted anew once undoing begins: undoing has a budget of its own. */
  readonly lostWorkers: number;
  readonly undoFailures: number;
  /** The target: shown while in progress, the resource's own only after success. */
  readonly configuration: JsonText;
  /** The target as the client sent it, before the schema filled in defaults. */
  readonly rawConfiguration: JsonText;
  readonly input: JsonText | null;
  /** Details reported while in progress; null shows the resource's own. */
  readonly details: JsonText | null;
  /** From 0 to 1; null until work reports any. */
  readonly progress: number | null;
  /** Work's own estimate of the instant it will be done. */
  readonly estimatedEndAt: number | null;
  readonly acceptedAt: number;
  /** The first claim. */
  readonly startedAt: number | null;
  /** The latest claim. */
  readonly attemptAt: number | null;
  readonly settledAt: number | null;
  /** When a worker may claim it; null while one holds it, while it waits for a message alone, and when settled. */
  readonly dueAt: number | null;
  /** When the attempt that runs is over, whatever its worker says. */
  readonly timeoutAt: number | null;
  readonly deadlineAt: number;
  readonly undoDeadlineAt: number | null;
  /** Who holds the attempt, and by which of its claims. */
  readonly worker: string | null;
  readonly claim: number | null;
  /** The next attempt runs alone, in a process of its own. */
  readonly isolated: boolean;
  /** The messages it waits for. */
  readonly awaitedMessages: readonly string[];
  /** How many messages were received for it. */
  readonly receivedCount: number;
  /** How many of its steps would have to be undone. */
  readonly undoable: number;
  /** How many steps have begun, for the order of undoing. */
  readonly steps: number;
  /** The step done last, and when: where the learned time remaining counts from. */
  readonly lastStep: string | null;
  readonly lastStepAt: number | null;
  /** What its records, received messages and reported details take, in characters of JSON. */
  readonly bytes: number;
  /** The part of `bytes` that goes when the failed records are cleared. */
  readonly failedBytes: number;
  /** Set while cancelling and undoing. */
  readonly settling: Settlement | null;
  /** The delete operation that follows once this one is settled; its id was chosen by the DELETE request. */
  readonly requestedDelete: string | null;
  /** W3C trace context of the request that asked for it. */
  readonly traceparent: string | null;
}

const SETTLED: ReadonlySet<OperationState> = new Set(["succeeded", "failed", "cancelled"]);

export function isInProgress(operation: Operation): boolean {
  return !SETTLED.has(operation.state);
}

/** True while a worker holds an attempt of it. */
export function isClaimed(operation: Operation): boolean {
  return operation.worker !== null;
}

/** How long past its limit an attempt is left to a worker that may be about to end it by itself. */
export const TIMEOUT_GRACE_MS = 15_000;

/**
 * The next instant at which the reaper has to look at an operation, null when settled. An `overdue` event from then on always
 * takes the operation further: that is why none is ever stuck.
 */
export function nextDeadlineAt(operation: Operation): number | null {
  if (!isInProgress(operation)) return null;
  const limit = effectiveDeadlineAt(operation);
  if (operation.timeoutAt === null) return limit;
  // Whoever is cancelling has been given until then already, however near the deadline is.
  return operation.state === "cancelling" ? operation.timeoutAt : Math.min(operation.timeoutAt, limit);
}

/** When the operation, or its undoing, has had all its time. */
export function effectiveDeadlineAt({ state, deadlineAt, undoDeadlineAt }: Operation): number {
  return state === "undoing" ? (undoDeadlineAt ?? deadlineAt) : deadlineAt;
}
