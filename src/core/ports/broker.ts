import type { EarlyClaim } from "../change.ts";
import type { Issue } from "../json/schema.ts";
import type { ProblemCode } from "../problem.ts";
import type { ResourceKey } from "../resource.ts";
import type { Clock } from "../scheduling/clock.ts";
import type { Log } from "./log.ts";
import type { Grant, Notice, ProgressMessage, WorkerRequestKind, WorkerRequests } from "./messages.ts";

/** The handlers of a server, by kind of worker request. */
export type WorkerRequestHandlers = {
  readonly [Kind in WorkerRequestKind]: (
    request: WorkerRequests[Kind]["request"],
  ) => Promise<WorkerRequests[Kind]["reply"]>;
};

/** The handlers of a server for everything that workers send. */
export interface WorkerMessageHandlers extends WorkerRequestHandlers {
  readonly progress: (message: ProgressMessage) => void;
}

export interface BrokerOpenOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** The state of a broker's connection. */
export interface BrokerStatus {
  readonly ready: boolean;
  /** One line of text for people. */
  readonly detail: string;
}

/** A status message as received: not validated yet. */
export interface ArrivedMessage {
  readonly message: unknown;
  /** Instant of arrival by the receiver's clock. Stays the same when the message is delivered again, unless `isRedated`. */
  readonly at: number;
  /**
   * True if the transport does not keep the instant of arrival, so that `at` is that of this delivery.
   *
   * @default false
   */
  readonly isRedated?: boolean;
  /**
   * True if the sender waited until its previous messages were applied, so that none can arrive later.
   *
   * @default false
   */
  readonly isInOrder?: boolean;
  /** True if the message was delivered before. @default false */
  readonly isRepeated?: boolean;
  /** Reason for which the text of the message could not be read. Such a message is refused. */
  readonly unreadable?: Pick<RefusedMessage, "code" | "detail">;
  /** The resource that the address names; undefined if the address names none. */
  readonly key?: ResourceKey;
}

/** The result of a message that can never be applied. It is acknowledged like an applied one. */
export interface RefusedMessage {
  readonly result: "refused";
  readonly code: ProblemCode;
  readonly detail: string;
  readonly issues?: readonly Issue[];
}

/** The result of a status message. */
export type StatusMessageResult =
  | { readonly result: "applied" | "unchanged" }
  | RefusedMessage
  /** Another server may be able to apply the message: it is delivered again after a pause. */
  | { readonly result: "later" };

/** Ends a subscription. */
export type Unsubscribe = () => void;

/** A slot of a worker, which is kept free until `start` or `release` is called. */
export interface Reservation {
  readonly claim: EarlyClaim;
  /** Aborted when the worker stops waiting. */
  readonly signal: AbortSignal;
  /** Starts the attempt of the claimed operation. */
  readonly start: (grant: Grant) => void;
  /** Called if the worker has not got the operation. */
  readonly release: () => void;
}

/**
 * Transports worker requests and replies, wake-ups, change notices and flush requests. A broker that is down delays
 * work but loses none, because it never holds the only copy of anything: requests are repeated until they get a reply,
 * everything else may be lost.
 */
export interface Broker {
  /** Name for logs and `/readyz`: `local`, `nats`. */
  readonly name: string;
  /** True if other processes use it, too: messages are validated, and a worker needs no store. @default false */
  readonly isShared?: boolean;
  /** Resolves even if the broker is unreachable: a broker that is down must not keep a server from starting. */
  open(options?: BrokerOpenOptions): Promise<void>;
  /** Sends the buffered messages and closes. Later requests reject, later messages are discarded. */
  close(): Promise<void>;
  /** Returns the state of the connection. @default always ready */
  status?(): BrokerStatus;
  /**
   * Resolves once all subscriptions so far are active; at once if the broker is unreachable.
   *
   * @default active from the call on
   */
  subscribed?(): Promise<void>;

  /**
   * Server side: handles worker requests. Each process has at most one handler; several processes share the requests.
   * If a handler rejects, the worker gets an error and repeats its request.
   */
  serve(handler: WorkerMessageHandlers): Unsubscribe;
  /**
   * Worker side: sends a request to any server.
   *
   * @throws AfootError `broker-unavailable` if no server replied within `timeoutMs`; the caller repeats the same
   *   request
   */
  request<Kind extends WorkerRequestKind>(
    kind: Kind,
    request: WorkerRequests[Kind]["request"],
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<WorkerRequests[Kind]["reply"]>;
  /** Worker side: sends progress. There is no reply. */
  progress(message: ProgressMessage): void;

  /**
   * Server side: reserves a slot of a worker for an operation that is about to be accepted. Undefined if no worker has
   * one.
   *
   * @default no worker is in the same process
   */
  reserve?(type: string, kind: string): Reservation | undefined;
  /** Worker side: grants reservations. */
  onReserve?(callback: (type: string, kind: string) => Reservation | undefined): Unsubscribe;

  /** Publishes that operations of these types are due. */
  wake(types: readonly string[]): void;
  onWake(types: readonly string[], callback: () => void): Unsubscribe;

  /** Publishes that these resources have changed. */
  announce(notices: readonly Notice[]): void;
  onNotice(callback: (notices: readonly Notice[]) => void): Unsubscribe;
  /**
   * Calls back when notices and wake-ups may have been missed, such as after a lost connection.
   *
   * @default none is ever missed
   */
  onGap?(callback: () => void): Unsubscribe;

  /**
   * Requests the progress of an operation from its worker. Resolves to the latest progress message, or to undefined if
   * there is none or no worker replied within `timeoutMs`.
   */
  flush(worker: string, operation: string, timeoutMs: number): Promise<ProgressMessage | undefined>;
  onFlush(worker: string, callback: (operation: string) => Promise<ProgressMessage | undefined>): Unsubscribe;

  /**
   * Server side, for a broker that stores status messages of external processes: delivers them in batches, shared by
   * all servers. They are acknowledged once the callback resolves, and delivered again if it rejects or returns
   * `later`.
   */
  onStatus?(callback: (messages: readonly ArrivedMessage[]) => Promise<readonly StatusMessageResult[]>): Unsubscribe;
}
