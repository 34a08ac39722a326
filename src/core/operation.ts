import type { JsonText } from "./json/json.ts";

/** State of an operation. `undoing` may follow `running` and `cancelling`; the last three are settled. */
export type OperationState =
  | "pending"
  | "running"
  | "waiting"
  | "cancelling"
  | "undoing"
  | "succeeded"
  | "failed"
  | "cancelled";

/**
 * Reason for which an operation did not succeed, as clients see it. Never holds a stack trace or an internal message.
 */
export interface OperationError {
  /** Stable code for programs. `cancelled` for a cancelled operation. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** True if the same operation may succeed when it is tried again. */
  readonly retryable: boolean;
}

/** The outcome that an operation gets once its worker has released it and its steps are undone. */
export type Settlement = { readonly state: "cancelled" | "failed"; readonly error: OperationError };

/** One long-running change of a resource. A resource stores its latest operation, in progress or settled. */
export interface Operation {
  readonly id: string;
  /** `create`, `update`, `delete`, or an action's name. */
  readonly kind: string;
  readonly state: OperationState;
  /**
   * First operation of the chain of retries; its own id if it is no retry. Records and received messages belong to the
   * root.
   */
  readonly root: string;
  /** Number of the current attempt. Grows with every claim: the fence that every message of a worker must match. */
  readonly attempt: number;
  /** Sequence number of the newest progress message applied in this attempt. */
  readonly sequence: number;
  readonly failures: number;
  /** Number of lost workers. Reset when undoing begins, which has its own budget. */
  readonly lostWorkers: number;
  readonly undoFailures: number;
  /** The target configuration. Shown while in progress; it becomes the resource's configuration only after success. */
  readonly configuration: JsonText;
  /** The target configuration as the client sent it, before the schema filled in defaults. */
  readonly rawConfiguration: JsonText;
  readonly input: JsonText | null;
  /** Details reported while in progress; null if none, so that the resource's details are shown. */
  readonly details: JsonText | null;
  /** From 0 to 1; null before the first report. */
  readonly progress: number | null;
  /** Instant at which the work estimates to end. */
  readonly estimatedEndAt: number | null;
  readonly acceptedAt: number;
  /** Instant of the first claim. */
  readonly startedAt: number | null;
  /** Instant of the latest claim. */
  readonly attemptAt: number | null;
  readonly settledAt: number | null;
  /**
   * Instant from which a worker may claim it; null while claimed, while waiting only for a message, and once settled.
   */
  readonly dueAt: number | null;
  /** Instant at which the current attempt ends, whatever its worker reports. */
  readonly timeoutAt: number | null;
  readonly deadlineAt: number;
  readonly undoDeadlineAt: number | null;
  /** Worker that has claimed the attempt. */
  readonly worker: string | null;
  /** Number of the claim by which the worker got the attempt. */
  readonly claim: number | null;
  /** True if the next attempt runs isolated, in its own process. */
  readonly isolated: boolean;
  /** Names of the messages that it waits for, without those received since the wait began. */
  readonly awaitedMessages: readonly string[];
  /** Number of messages received. */
  readonly receivedCount: number;
  /** Number of steps that would have to be undone. */
  readonly undoable: number;
  /** Number of steps that have begun, for the order of undoing. */
  readonly steps: number;
  /** Name of the last step done. The learned time remaining counts from it. */
  readonly lastStep: string | null;
  readonly lastStepAt: number | null;
  /** Size of its records, received messages and reported details, in characters of JSON. */
  readonly bytes: number;
  /** Part of `bytes` that is freed when the failed records are cleared. */
  readonly failedBytes: number;
  /** Intended outcome; set while cancelling and undoing. */
  readonly settling: Settlement | null;
  /** Id of the delete operation that begins once this one is settled. The DELETE request chose the id. */
  readonly requestedDelete: string | null;
  /** The principal who asked for the operation, as `authenticate` returned it; null without one. Clients never see it. */
  readonly principal: JsonText | null;
  /** The principal of the DELETE request that chose `requestedDelete`. */
  readonly requestedDeletePrincipal: JsonText | null;
  /** W3C trace context of the request that began the operation. */
  readonly traceparent: string | null;
  /** Key under which it takes turns with other operations of its type; null if its type has no limit per key. */
  readonly turn: string | null;
}

const SETTLED: ReadonlySet<OperationState> = new Set(["succeeded", "failed", "cancelled"]);

/** Returns true until the operation is settled. */
export function isInProgress(operation: Operation): boolean {
  return !SETTLED.has(operation.state);
}

/** Returns true while a worker has claimed an attempt of the operation. */
export function isClaimed(operation: Operation): boolean {
  return operation.worker !== null;
}

/** Grace period after a limit in which a worker may still end its attempt itself. */
export const TIMEOUT_GRACE_MS = 15_000;

/**
 * Returns the next instant at which the reaper has to check an operation; null once settled. From then on an `overdue`
 * event always advances the operation, so no operation is ever stuck.
 */
export function nextDeadlineAt(operation: Operation): number | null {
  if (!isInProgress(operation)) return null;
  const limit = effectiveDeadlineAt(operation);
  if (operation.timeoutAt === null) return limit;
  // The timeout of a cancelling attempt already includes the grace period after the deadline.
  return operation.state === "cancelling" ? operation.timeoutAt : Math.min(operation.timeoutAt, limit);
}

/** Returns the deadline that applies now: of undoing while it is undoing, else of the operation. */
export function effectiveDeadlineAt({ state, deadlineAt, undoDeadlineAt }: Operation): number {
  return state === "undoing" ? (undoDeadlineAt ?? deadlineAt) : deadlineAt;
}
