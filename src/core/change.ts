import type { OperationEvent } from "./events.ts";
import type { HistoryEntry } from "./history.ts";
import type { JsonText } from "./json/json.ts";
import type { ParentLink, ReceivedMessage, Resource, ResourceKey, StepRecord } from "./resource.ts";
import type { Clock } from "./scheduling/clock.ts";

/** Reason for which a change was refused. The server maps each code to a problem. */
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

/** The effect of one change on one resource: everything that a store has to write. Only the core decides it. */
export interface ChangeResult {
  /** `unchanged`: a repetition, or without effect. `dropped`: not from the current attempt. `refused`: see `code`. */
  readonly outcome: "applied" | "unchanged" | "dropped" | "refused";
  readonly code?: RefusalCode;
  /** The new row; undefined if none exists and none was created. */
  readonly resource: Resource | undefined;
  readonly history: readonly HistoryEntry[];
  /** Replaces the record of the same step. */
  readonly record?: StepRecord;
  /**
   * True if the operation's failed records are cleared: records with an undo return to started, the others are removed.
   */
  readonly clearFailed?: boolean;
  readonly message?: ReceivedMessage;
}

/** The instant of a change, and the random number that it uses. */
export interface ChangeStamp {
  readonly at: number;
  readonly random: number;
}

/** The condition for an operation to begin: no row exists, or the row is still in the version that was read. */
export type Expectation = "absent" | { readonly creation: string; readonly edit: number };

/** An operation to begin. Its id is chosen before the call, so a repeated call changes nothing. */
export interface AcceptRequest {
  readonly id: string;
  readonly kind: string;
  /** The target configuration. @default the resource's configuration */
  readonly configuration?: JsonText;
  /** The target configuration as the client sent it, before the schema filled in defaults. */
  readonly rawConfiguration?: JsonText;
  readonly input?: JsonText;
  /** The metadata of the resource from now on. @default unchanged; in a create, none */
  readonly metadata?: JsonText | null;
  /** Deadline that the client chose. Never later than the one of the policy. */
  readonly deadlineAt?: number;
  /** Earliest instant at which it may begin. */
  readonly availableAt?: number;
  /** URL that gets the events of the resource; only in a create. */
  readonly webhook?: string;
  /** Owner of the resource; only in a create. */
  readonly owner?: string;
  /** The principal of the request that begins the operation. */
  readonly principal?: JsonText;
  /** The parent of a child; only in operations that its parent begins. */
  readonly parent?: ParentLink;
  /** In a retry, the failed or cancelled operation whose records it inherits. */
  readonly retryOf?: string;
  readonly traceparent?: string;
  /** Key under which the operation takes turns. @default none */
  readonly turn?: string;
}

/** Limit on the number of resources of one owner that are in progress. */
export interface OwnerLimit {
  readonly owner: string;
  readonly max: number;
}

/** The claim of a worker that has a free slot for an operation before it is accepted. */
export interface EarlyClaim {
  readonly worker: string;
  readonly claim: number;
  /** The kinds of operations that compete for the slots of the worker. */
  readonly kinds: readonly string[];
  /** Slots that remain free. If more operations are due, they go first, and the operation is only accepted. */
  readonly free: number;
}

/** A change that begins an operation. */
export interface AcceptChange extends ChangeStamp {
  readonly change: "accept";
  readonly key: ResourceKey;
  readonly expect: Expectation;
  readonly operation: AcceptRequest;
  /**
   * Maximum number of resources of the type in progress; above it, the change is refused with `too-many-in-progress`.
   */
  readonly maxInProgress?: number;
  /**
   * Maximum number of resources of the owner in progress; above it, the change is refused with `too-many-of-owner`.
   * Processes that commit at the same moment may exceed it: the check takes no lock.
   */
  readonly ownerLimit?: OwnerLimit;
  /** Also claims the operation, by the event `claimed`, if it is due and has no turn. @default it waits for a claim */
  readonly claim?: EarlyClaim;
  readonly idempotency?: IdempotentReply;
}

/**
 * A change of an operation in progress. Changes by clients name the resource, changes by workers name the operation.
 */
export interface EventChange extends ChangeStamp {
  readonly change: "event";
  readonly target: ResourceKey | { readonly operation: string };
  readonly event: OperationEvent;
  readonly idempotency?: IdempotentReply;
}

/** A change that a store applies: the begin of an operation, or an event of one. */
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

/**
 * The response to a request with an Idempotency-Key: committed with the effect of the request, and replayed for each
 * repetition.
 */
export interface IdempotentReply {
  /** Principal who sent the key; empty without authentication. */
  readonly principal: string;
  readonly key: string;
  /** Hash of method, path and body. */
  readonly fingerprint: string;
  readonly status: number;
  readonly location: string;
  readonly body: string;
}
