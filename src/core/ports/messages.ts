import type { Json, JsonText } from "../json/json.ts";
import type { OperationError } from "../operation.ts";
import type { ReceivedMessage, StepRecord } from "../resource.ts";

/**
 * What a worker asks of any server, and what it is answered: after the commit, idempotent by its ids, repeated until answered.
 * The same shapes serve the in-process broker, NATS and HTTP.
 */
export interface WorkerRequests {
  claim: { request: ClaimMessage; reply: ClaimReply };
  record: { request: RecordMessage; reply: RecordReply };
  end: { request: EndMessage; reply: EndReply };
  beat: { request: BeatMessage; reply: BeatReply };
}

export type WorkerRequestKind = keyof WorkerRequests;

export interface ClaimMessage {
  readonly worker: string;
  readonly claim: number;
  readonly slots: readonly ClaimSlots[];
}

export interface ClaimReply {
  readonly grants: readonly Grant[];
  /** How long until an operation is due that this worker could run; absent where none is known. */
  readonly nextDueMs?: number;
}

/** One operation to run one attempt of. JSON values are texts, as stored. */
export interface Grant {
  readonly operation: string;
  readonly root: string;
  readonly type: string;
  readonly id: string;
  readonly kind: string;
  readonly attempt: number;
  /** How many attempts failed before. */
  readonly failures: number;
  readonly configuration: JsonText;
  /** The configuration of the last success; null in a create. */
  readonly previousConfiguration: JsonText | null;
  readonly details: JsonText;
  readonly input: JsonText | null;
  /** Shown at the moment; null where nothing was reported. */
  readonly progress: number | null;
  readonly status: string;
  readonly records: readonly StepRecord[];
  readonly received: readonly ReceivedMessage[];
  /** `undo`: run the undo of every record, in reverse. */
  readonly mode: "forward" | "undo";
  /** Run it alone, in a process of its own. */
  readonly isolated: boolean;
  readonly timeoutMs: number;
  readonly traceparent: string | null;
  /**
   * The instant of the claim on the server's wall clock: all that was recorded and received before it is in this grant. The `at`
   * of records is measured against it, never against the worker's own clock: clocks of nodes may be minutes apart.
   */
  readonly at: number;
}

/** Names an attempt: what every message of it carries. */
export interface AttemptKey {
  readonly operation: string;
  readonly attempt: number;
}

export interface RecordMessage extends AttemptKey {
  readonly step: string;
  readonly state: StepRecord["state"];
  readonly result?: JsonText;
  readonly error?: OperationError;
  readonly undo: boolean;
}

/** `drop`: the attempt is over, abort it and say no more. `too-large`: the operation may hold no more; the work fails for good. */
export type RecordReply = { readonly result: "ok" | "drop" | "too-large"; readonly cancel?: boolean };

export type EndMessage = AttemptKey &
  (
    | { readonly outcome: "succeeded"; readonly label?: string; readonly details: JsonText }
    | { readonly outcome: "failed"; readonly error: OperationError; readonly stepsNotUndone?: readonly string[] }
    | { readonly outcome: "cancelled" }
    | { readonly outcome: "undone" }
    | {
        readonly outcome: "waiting";
        /** From now, in milliseconds: instants of different clocks are never compared. */
        readonly forMs?: number;
        readonly receive?: readonly string[];
        readonly receivedSeen: number;
      }
    | { readonly outcome: "handed-back" }
    | { readonly outcome: "lost" }
  );

/** `refused` names what the server did not accept of a success; the attempt then ends as failed, for good. */
export type EndReply = { readonly result: "ok" | "drop" | "refused"; readonly code?: string; readonly detail?: string };

/** The latest value of every field. Needs no answer and may be lost: the next one carries it. */
export interface ProgressMessage extends AttemptKey {
  readonly sequence: number;
  readonly progress?: number;
  readonly status?: string;
  /** The reported details, whole: an object. */
  readonly details?: JsonText;
  /** Work's own estimate, in milliseconds from now. */
  readonly estimatedTimeRemainingMs?: number;
}

export interface BeatMessage {
  readonly worker: string;
  /** Grows with each beat. */
  readonly number: number;
  /** The newest claim whose answer has arrived. */
  readonly lastClaim: number;
  readonly attempts: readonly AttemptKey[];
  readonly progress: readonly ProgressMessage[];
}

export interface BeatReply {
  readonly cancel: readonly AttemptKey[];
  readonly drop: readonly AttemptKey[];
}

/** What changed, after its commit: wakes held GETs and event streams, carries cancels. Losing one costs a poll. */
export interface Notice {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** An attempt whose worker should abort it: it was asked to cancel, or is over. */
  readonly abort?: AttemptKey & { readonly worker: string };
}

/** A status message of an outside process. @see https://cloudevents.io */
export interface StatusMessage {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  /** `dev.afoot.progress`, `dev.afoot.succeeded`, `dev.afoot.failed`, `dev.afoot.received`. */
  readonly type: string;
  /** `<type>/<id>` of the resource. */
  readonly subject: string;
  readonly time?: string;
  /** W3C trace context. @see https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md */
  readonly traceparent?: string;
  readonly data?: Json;
}

/** What a worker has places for. */
export interface ClaimSlots {
  readonly type: string;
  readonly kinds: readonly string[];
  readonly free: number;
}
