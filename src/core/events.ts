import type { JsonText } from "./json/json.ts";
import type { OperationError } from "./operation.ts";
import type { ResourceKey } from "./resource.ts";

/**
 * A message of a worker about the attempt that it has claimed. Dropped unless `attempt` is the operation's current one.
 */
export type AttemptEvent =
  | {
      readonly event: "progress";
      readonly attempt: number;
      /** Grows within the attempt. A message that is older than the last one applied is dropped. */
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
      /** Applied to a child in the same transaction. */
      readonly child?: ChildCommand;
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
      /** Instant at which the operation is due again. */
      readonly until?: number;
      /** Names of the messages that make the operation due again. */
      readonly receive?: readonly string[];
      /**
       * Number of received messages in the attempt's grant. If more have arrived since, the operation is due at once.
       */
      readonly receivedSeen: number;
    }
  | { readonly event: "handed-back"; readonly attempt: number }
  | { readonly event: "lost"; readonly attempt: number };

/**
 * A status message that an external process posted for an external operation that no worker has claimed. The first one
 * begins the attempt, which then lasts until an end, a cancel or the deadline.
 */
export type StatusReportedEvent = {
  readonly event: "reported";
  /** Instant at which the message was sent. A message that is older than the newest one applied is dropped. */
  readonly sentAt: number;
  /**
   * True if the message follows all previous ones, whatever their instants: the clocks of senders may differ.
   *
   * @default false
   */
  readonly isLatest?: boolean;
} & (
  | {
      readonly outcome?: undefined;
      readonly progress?: number;
      readonly status?: string;
      /** An object, merged over the details reported before. */
      readonly details?: JsonText;
    }
  | { readonly outcome: "succeeded"; readonly label?: string; readonly details: JsonText }
  | { readonly outcome: "failed"; readonly error: OperationError }
);

/**
 * The result of a type's `observe` for one version of a resource. It is dropped for any other version, so it never
 * overwrites a change that was stored meanwhile.
 */
export type ObservedEvent = {
  readonly event: "observed";
  readonly creation: string;
  readonly version: number;
  /** The label to show. For a success and for a settled resource, a ready label. */
  readonly status?: string;
  /** The complete details to show. */
  readonly details?: JsonText;
} & (
  | { readonly outcome?: undefined; readonly progress?: number }
  | { readonly outcome: "succeeded" }
  | { readonly outcome: "failed"; readonly error: OperationError }
);

/** A client replaced the metadata of one edit of a resource, in progress or settled. It does not concern the operation. */
export type AnnotatedEvent = {
  readonly event: "annotated";
  readonly creation: string;
  readonly edit: number;
  readonly metadata: JsonText | null;
};

/** A change of a child that the work of its parent commands. Repeated, it has no further effect. */
export type ChildCommand = ResourceKey & {
  /** Id for the operation that the command begins. */
  readonly operation: string;
} & (
    | {
        /** Creates the child, or retries its latest operation if that has failed. */
        readonly command: "create";
        readonly name: string;
        readonly configuration: JsonText;
        readonly rawConfiguration: JsonText;
        /** Maximum number of resources of the child's type in progress. */
        readonly maxInProgress?: number;
        /** Key under which the operation takes turns. */
        readonly turn?: string;
      }
    /** Deletes the child. Cancels its operation first, if one is in progress. */
    | { readonly command: "delete" }
  );

/** An event of an operation. Each kind is a row of the table in docs/state-machine.md. */
export type OperationEvent =
  | AttemptEvent
  | StatusReportedEvent
  | ObservedEvent
  | { readonly event: "claimed"; readonly worker: string; readonly claim: number }
  /** The attempt or the operation is past its limit. */
  | { readonly event: "overdue"; readonly stepsNotUndone?: readonly string[] }
  | { readonly event: "cancel-requested" }
  | AnnotatedEvent
  | { readonly event: "delete-requested"; readonly operation: string; readonly principal?: JsonText }
  /** A child of the resource is settled, or gone. */
  | ({ readonly event: "child-settled"; readonly isFailed: boolean } & ResourceKey)
  | { readonly event: "received"; readonly id: string; readonly name: string; readonly value: JsonText };
