import type { JsonText } from "./json/json.ts";
import type { OperationError } from "./operation.ts";

/** What a worker says of the attempt it holds. Dropped unless `attempt` is the operation's. */
export type AttemptEvent =
  | {
      readonly event: "progress";
      readonly attempt: number;
      /** Grows within the attempt; an older one than the last applied is dropped. */
      readonly sequence: number;
      readonly progress?: number;
      readonly status?: string;
      readonly details?: JsonText;
      readonly estimatedEndAt?: number;
    }
  | {
      readonly event: "recorded";
      readonly attempt: number;
      readonly step: string;
      readonly state: "started" | "done" | "failed" | "undone";
      readonly result?: JsonText;
      readonly error?: OperationError;
      readonly undo: boolean;
    }
  | { readonly event: "succeeded"; readonly attempt: number; readonly label?: string; readonly details: JsonText }
  | {
      readonly event: "failed";
      readonly attempt: number;
      readonly error: OperationError;
      readonly stepsNotUndone?: readonly string[];
    }
  | { readonly event: "cancelled"; readonly attempt: number }
  | { readonly event: "undone"; readonly attempt: number }
  | {
      readonly event: "waiting";
      readonly attempt: number;
      /** Due again at this instant. */
      readonly until?: number;
      /** Due again when one of these is received. */
      readonly receive?: readonly string[];
      /** How many received messages the attempt was given. More of them by now: due at once. */
      readonly receivedSeen: number;
    }
  | { readonly event: "handed-back"; readonly attempt: number }
  | { readonly event: "lost"; readonly attempt: number };

/**
 * What an outside process says of an external operation that nobody has claimed: because it posted a message, or was asked. The
 * first one begins the attempt; then only an end, a cancel or the deadline ends it.
 */
export type StatusReportedEvent = {
  readonly event: "reported";
  /** When it was said. What is older than the newest one that was heard is dropped. */
  readonly sentAt: number;
  /** It comes after all that was heard before, whatever the clocks say that gave the instants. @default false */
  readonly isLatest?: boolean;
} & (
  | {
      readonly outcome?: undefined;
      readonly progress?: number;
      readonly status?: string;
      /** An object, merged over what was reported before. */
      readonly details?: JsonText;
    }
  | { readonly outcome: "succeeded"; readonly label?: string; readonly details: JsonText }
  | { readonly outcome: "failed"; readonly error: OperationError }
);

/**
 * What a type's `observe` answered when it was asked about one version of a resource. Of any other version nothing is applied: an
 * answer never overtakes what was stored meanwhile.
 */
export type ObservedEvent = {
  readonly event: "observed";
  readonly creation: string;
  readonly version: number;
  /** The label to show; of a success, or a settled resource, a ready one. */
  readonly status?: string;
  /** The details to show, whole. */
  readonly details?: JsonText;
} & (
  | { readonly outcome?: undefined; readonly progress?: number }
  | { readonly outcome: "succeeded" }
  | { readonly outcome: "failed"; readonly error: OperationError }
);

/** What happens to an operation. Each is a row of the table in docs/state-machine.md. */
export type OperationEvent =
  | AttemptEvent
  | StatusReportedEvent
  | ObservedEvent
  | { readonly event: "claimed"; readonly worker: string; readonly claim: number }
  /** The attempt, or the operation, is past its limit. `left` names the steps not yet undone. */
  | { readonly event: "overdue"; readonly stepsNotUndone?: readonly string[] }
  | { readonly event: "cancel-requested" }
  | { readonly event: "delete-requested"; readonly operation: string }
  | { readonly event: "received"; readonly id: string; readonly name: string; readonly value: JsonText };
