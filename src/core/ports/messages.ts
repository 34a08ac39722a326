import type { Json, JsonText } from "../json/json.ts";
import type { OperationError } from "../operation.ts";
import type { ReceivedMessage, ResourceKey, StepRecord } from "../resource.ts";

/**
 * Requests from a worker to any server, and the replies. A reply follows the commit. Requests are idempotent by their
 * ids and repeated until they get a reply. The in-process broker, NATS and HTTP use the same shapes.
 */
export interface WorkerRequests {
  claim: { request: ClaimMessage; reply: ClaimReply };
  record: { request: RecordMessage; reply: RecordReply };
  end: { request: EndMessage; reply: EndReply };
  beat: { request: BeatMessage; reply: BeatReply };
}

export type WorkerRequestKind = keyof WorkerRequests;

/** Requests due operations. */
export interface ClaimMessage {
  readonly worker: string;
  readonly claim: number;
  readonly slots: readonly ClaimSlots[];
}

export interface ClaimReply {
  readonly grants: readonly Grant[];
  /** Time until the next operation is due that this worker can run; undefined if none is known. */
  readonly nextDueMs?: number;
}

/** One attempt of an operation for a worker to run. JSON values are texts, as stored. */
export interface Grant {
  readonly operation: string;
  readonly root: string;
  readonly type: string;
  readonly id: string;
  readonly kind: string;
  readonly attempt: number;
  /** Number of attempts that have failed. */
  readonly failures: number;
  readonly configuration: JsonText;
  /** The configuration of the last success; null in a create. */
  readonly previousConfiguration: JsonText | null;
  readonly details: JsonText;
  readonly input: JsonText | null;
  /** Progress shown at present; null if none was reported. */
  readonly progress: number | null;
  readonly status: string;
  readonly records: readonly StepRecord[];
  readonly received: readonly ReceivedMessage[];
  /** The children that the attempt may need; only of a type that declares some. */
  readonly children?: GrantedChildren;
  /** `forward`: run the work. `undo`: run the undo of every record, in reverse order. */
  readonly mode: "forward" | "undo";
  /** True if the attempt must run isolated, in its own process. */
  readonly isolated: boolean;
  readonly timeoutMs: number;
  /** Deadline of the operation on the server's wall clock. Compare it with `at`, not with the worker's own clock. */
  readonly deadlineAt: number;
  readonly traceparent: string | null;
  /** Owner of the resource; absent without one, and from a server of an earlier version. */
  readonly owner?: string;
  /** The principal who asked for the operation; absent without one, and from a server of an earlier version. */
  readonly principal?: JsonText;
  /**
   * Instant of the claim on the server's clock: this grant includes everything recorded and received before it. The
   * `at` of records is compared with it, never with the worker's own clock: the clocks of machines may be minutes
   * apart.
   */
  readonly at: number;
}

/** The children of a granted operation; in a delete, those of the resource. */
export interface GrantedChildren {
  /** Value of `receivedSeen` for an attempt that waits. Includes everything that the grant shows of the children. */
  readonly seen: number;
  /** Number of ancestors of the resource. */
  readonly depth: number;
  readonly states: readonly ChildState[];
}

/** The state of a child at the grant. */
export interface ChildState extends ResourceKey {
  /** `absent`: the child is deleted. */
  readonly state: "in-progress" | "succeeded" | "failed" | "absent";
  readonly status: string;
  /** The details after a success. */
  readonly details?: JsonText;
  readonly error?: OperationError;
  /** True if its latest operation was begun before the latest failure of its parent's operation, so that it may be retried. */
  readonly isOfEarlierTry: boolean;
  /** True if a delete is in progress or requested, or is the latest operation. */
  readonly isDeleting: boolean;
}

/** Identifies an attempt. Every message about it carries the key. */
export interface AttemptKey {
  readonly operation: string;
  readonly attempt: number;
}

/** Records the result of a step. */
export interface RecordMessage extends AttemptKey {
  readonly step: string;
  readonly state: StepRecord["state"];
  readonly result?: JsonText;
  readonly error?: OperationError;
  readonly undo: boolean;
  /** Applied to a child in the same commit. */
  readonly child?: ChildMessage;
}

/** A command of work about a child. See `ChildCommand`. */
export type ChildMessage = ResourceKey & { readonly operation: string } & (
    | {
        readonly command: "create";
        readonly name: string;
        /** The configuration as the work gave it. The server validates it. */
        readonly configuration: JsonText;
      }
    | { readonly command: "delete" }
  );

/**
 * `busy`: the type of the child has reached its limit of resources in progress; nothing is recorded. `invalid`: the child
 * cannot be created, for the reason in `detail`; the work fails. `drop`: the attempt has ended; abort it and send nothing more. `too-large`: the operation reached its size limit; the
 * work fails.
 */
export type RecordReply = {
  readonly result: "ok" | "drop" | "too-large" | "busy" | "invalid";
  readonly cancel?: boolean;
  readonly detail?: string;
};

/** Reports the end of an attempt. */
export type EndMessage = AttemptKey &
  (
    | { readonly outcome: "succeeded"; readonly label?: string; readonly details: JsonText }
    | { readonly outcome: "failed"; readonly error: OperationError; readonly stepsNotUndone?: readonly string[] }
    | { readonly outcome: "cancelled" }
    | { readonly outcome: "undone" }
    | {
        readonly outcome: "waiting";
        /** Time until it is due again, in milliseconds: instants of different clocks are never compared. */
        readonly forMs?: number;
        readonly receive?: readonly string[];
        readonly receivedSeen: number;
      }
    | { readonly outcome: "handed-back" }
    | { readonly outcome: "lost" }
  );

/**
 * `refused`: the server rejected the success, for the reason in `code` and `detail`; the attempt then ends as failed,
 * without retry.
 */
export type EndReply = { readonly result: "ok" | "drop" | "refused"; readonly code?: string; readonly detail?: string };

/**
 * The latest value of each field. There is no reply, and a message may be lost: the next one carries the values again.
 */
export interface ProgressMessage extends AttemptKey {
  readonly sequence: number;
  readonly progress?: number;
  readonly status?: string;
  /** The complete reported details, an object. */
  readonly details?: JsonText;
  /** The work's estimate of the remaining time, in milliseconds. */
  readonly estimatedTimeRemainingMs?: number;
}

/** A worker's heartbeat: it is alive and runs these attempts. */
export interface BeatMessage {
  readonly worker: string;
  /** Grows with each heartbeat. */
  readonly number: number;
  /** Number of the newest claim whose reply has arrived; 0 before the first. */
  readonly lastClaim: number;
  readonly attempts: readonly AttemptKey[];
  readonly progress: readonly ProgressMessage[];
}

/** The attempts that the worker has to cancel or drop. */
export interface BeatReply {
  readonly cancel: readonly AttemptKey[];
  readonly drop: readonly AttemptKey[];
}

/**
 * A change, published after its commit. It wakes long polls and event streams, and carries cancels. A lost notice costs
 * one poll.
 */
export interface Notice {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** An attempt that its worker has to abort: it was cancelled or has ended. */
  readonly abort?: AttemptKey & { readonly worker: string };
}

/** A status message of an external process. @see https://cloudevents.io */
export interface StatusMessage {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  /** `dev.afoot.progress`, `dev.afoot.succeeded`, `dev.afoot.failed`, `dev.afoot.received`. */
  readonly type: string;
  /** `<type>/<id>` of the resource. */
  readonly subject: string;
  readonly time?: string;
  /**
   * W3C trace context.
   *
   * @see https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md
   */
  readonly traceparent?: string;
  readonly data?: Json;
}

/** The free slots of a worker for one type. */
export interface ClaimSlots {
  readonly type: string;
  readonly kinds: readonly string[];
  readonly free: number;
}
