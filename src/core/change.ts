import type { OperationEvent } from "./events.ts";
import type { HistoryEntry } from "./history.ts";
import type { JsonText } from "./json/json.ts";
import type { ReceivedMessage, Resource, ResourceKey, StepRecord } from "./resource.ts";
import type { Clock } from "./scheduling/clock.ts";

/** Why a change was refused; the server turns each into a problem. */
export type RefusalCode =
  | "resource-not-found"
  | "resource-exists"
  | "operation-in-progress"
  | "edit-mismatch"
  | "settled"
  | "delete-in-progress"
  | "operation-too-large"
  | "unknown-status"
  | "not-external"
  | "operation-claimed"
  | "too-many-in-progress"
  | "too-many-of-owner"
  | "idempotency-key-reused";

/** What one change does to one resource: all that a store has to write, decided by the core alone. */
export interface ChangeResult {
  /** `unchanged`: repeated, or of no effect. `dropped`: not from the attempt in progress. `refused`: see `code`. */
  readonly outcome: "applied" | "unchanged" | "dropped" | "refused";
  readonly code?: RefusalCode;
  /** The row as it shall be; undefined where there is none and none was made. */
  readonly resource: Resource | undefined;
  readonly history: readonly HistoryEntry[];
  /** To be written over the record of the same step. */
  readonly record?: StepRecord;
  /** The operation's failed records go: those with an undo fall back to started, the others are removed. */
  readonly clearFailed?: boolean;
  readonly message?: ReceivedMessage;
}

/** When a change happens, and by which draw. */
export interface ChangeStamp {
  readonly at: number;
  readonly random: number;
}

/** What must hold of the row for an operation to begin: that there is none, or that it still is the one that was read. */
export type Expectation = "absent" | { readonly creation: string; readonly edit: number };

/** An operation to begin. Ids are chosen before the call, so that a repeated call changes nothing. */
export interface AcceptRequest {
  readonly id: string;
  readonly kind: string;
  /** The target configuration; absent keeps the resource's. */
  readonly configuration?: JsonText;
  readonly rawConfiguration?: JsonText;
  readonly input?: JsonText;
  /** Not to begin before this instant. */
  readonly availableAt?: number;
  /** Of a create: to whom the resource belongs. */
  readonly owner?: string;
  /** Of a retry: the operation that failed or was cancelled, whose records it inherits. */
  readonly retryOf?: string;
  readonly traceparent?: string;
}

/** How many resources of one owner may be in progress. */
export interface OwnerLimit {
  readonly owner: string;
  readonly max: number;
}

/** A change that begins an operation. */
export interface AcceptChange extends ChangeStamp {
  readonly change: "accept";
  readonly key: ResourceKey;
  readonly expect: Expectation;
  readonly operation: AcceptRequest;
  /** Refused with `too-many-in-progress` where the type has this many resources in progress. */
  readonly maxInProgress?: number;
  /**
   * Refused with `too-many-of-owner` where the resource belongs to this owner, who has this many in progress. What several processes
   * commit at the same moment may go beyond it: nobody waits for it.
   */
  readonly ownerLimit?: OwnerLimit;
  readonly idempotency?: IdempotentReply;
}

/** A change of an operation in progress: named by its resource (what clients say) or by its own id (what workers say). */
export interface EventChange extends ChangeStamp {
  readonly change: "event";
  readonly target: ResourceKey | { readonly operation: string };
  readonly event: OperationEvent;
  readonly idempotency?: IdempotentReply;
}

export type Change = AcceptChange | EventChange;

/** Reads the instant and the random number of a change from a clock. */
export function stampOf(clock: Pick<Clock, "now" | "random">, at = clock.now()): ChangeStamp {
  return { at, random: clock.random() };
}

/** Builds the change that applies an event to the operation of a resource, or to one operation and no later one. */
export function eventChange(
  target: EventChange["target"],
  event: OperationEvent,
  { at, random }: ChangeStamp,
): EventChange {
  return { change: "event", target, event, at, random };
}

/** The answer to a request with an Idempotency-Key: committed with the request's effect, and given again to every repetition. */
export interface IdempotentReply {
  /** Whose key it is; empty where nobody is told apart. */
  readonly principal: string;
  readonly key: string;
  /** Method, path and body, hashed. */
  readonly fingerprint: string;
  readonly status: number;
  readonly location: string;
  readonly body: string;
}
