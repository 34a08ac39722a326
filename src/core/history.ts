import type { OperationError } from "./operation.ts";

/** Name of an event in the history of a resource, as clients see it. */
export type HistoryEventName =
  | "accepted"
  | "claimed"
  | "status"
  | "step-started"
  | "step-done"
  | "step-failed"
  | "step-undone"
  | "received"
  | "waiting"
  | "attempt-failed"
  | "timed-out"
  | "worker-lost"
  | "handed-back"
  | "cancel-requested"
  | "delete-requested"
  | "deadline-exceeded"
  | "undoing"
  | "undo-failed"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "deleted";

/** One entry in the history of a resource. */
export interface HistoryEntry {
  readonly at: number;
  readonly event: HistoryEventName;
  readonly operation: string;
  readonly kind: string;
  readonly attempt: number;
  readonly status?: string;
  readonly step?: string;
  readonly error?: OperationError;
}
