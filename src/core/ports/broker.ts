import type { Issue } from "../json/schema.ts";
import type { ProblemCode } from "../problem.ts";
import type { ResourceKey } from "../resource.ts";
import type { Clock } from "../scheduling/clock.ts";
import type { Log } from "./log.ts";
import type { Notice, ProgressMessage, WorkerRequestKind, WorkerRequests } from "./messages.ts";

/** How a server answers each worker request. */
export type WorkerRequestHandlers = {
  readonly [Kind in WorkerRequestKind]: (
    request: WorkerRequests[Kind]["request"],
  ) => Promise<WorkerRequests[Kind]["reply"]>;
};

export interface WorkerMessageHandlers extends WorkerRequestHandlers {
  readonly progress: (message: ProgressMessage) => void;
}

export interface BrokerOpenOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** Whether a broker carries anything at the moment. */
export interface BrokerStatus {
  readonly ready: boolean;
  /** One line for people. */
  readonly detail: string;
}

/** A status message as it arrived: nothing of it is checked. */
export interface ArrivedMessage {
  readonly message: unknown;
  /** When it arrived, by the clock of what received it; stays the same however often it is delivered. */
  readonly at: number;
  /** Whoever sent it knew that all it had sent before was applied: nothing can have overtaken it. @default false */
  readonly isInOrder?: boolean;
  /** It was delivered before. @default false */
  readonly isRepeated?: boolean;
  /** The resource to which it was addressed. Left out where an address names none. */
  readonly key?: ResourceKey;
}

/** What came of a status message. */
export type StatusMessageResult =
  | { readonly result: "applied" | "unchanged" }
  /** It can never apply: acknowledged like the others. */
  | {
      readonly result: "refused";
      readonly code: ProblemCode;
      readonly detail: string;
      readonly issues?: readonly Issue[];
    }
  /** Another server may know what to do with it: delivered again, after a while. */
  | { readonly result: "later" };

/** Takes back what a subscription began. */
export type Unsubscribe = () => void;

/**
 * Carries worker requests and replies, wake-ups, change notices and flush requests. A broker that is down delays work; it loses
 * nothing, because nothing it carries is the only copy: requests are repeated until answered, everything else may be lost.
 */
export interface Broker {
  /** What it is, for logs and `/readyz`: `local`, `nats`. */
  readonly name: string;
  /** Other processes speak through it too: what arrives is checked, and a worker needs nothing else. @default false */
  readonly isShared?: boolean;
  /** Resolves also where nothing can be reached yet: a broker that is down delays work, it stops no server from starting. */
  open(options?: BrokerOpenOptions): Promise<void>;
  /** Sends what is left to send. What is asked from then on rejects, what is said goes nowhere. */
  close(): Promise<void>;
  /** How it is. Left out: always ready. */
  status?(): BrokerStatus;
  /** Resolves once what was subscribed to so far is heard; at once where nothing can be. Left out: it is from the call on. */
  subscribed?(): Promise<void>;

  /**
   * Server side: answers worker requests. At most one handler of a process; several processes share the requests. An answer that
   * rejects is one to the worker, which repeats its request.
   */
  serve(handler: WorkerMessageHandlers): Unsubscribe;
  /**
   * Worker side: asks any server.
   *
   * @throws AfootError `broker-unavailable` when nobody answered within `timeoutMs`; the caller repeats the same request
   */
  request<Kind extends WorkerRequestKind>(
    kind: Kind,
    request: WorkerRequests[Kind]["request"],
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<WorkerRequests[Kind]["reply"]>;
  /** Worker side: progress, unanswered. */
  progress(message: ProgressMessage): void;

  /** Operations of these types are due. */
  wake(types: readonly string[]): void;
  onWake(types: readonly string[], callback: () => void): Unsubscribe;

  /** These resources have changed. */
  announce(notices: readonly Notice[]): void;
  onNotice(callback: (notices: readonly Notice[]) => void): Unsubscribe;
  /** Notices and wake-ups may have been missed, such as while a connection was lost. Left out where none ever is. */
  onGap?(callback: () => void): Unsubscribe;

  /**
   * Asks a worker to send the progress of an operation now. Resolves to what it has said last, or to undefined where it has said
   * nothing, or nobody has answered within `timeoutMs`.
   */
  flush(worker: string, operation: string, timeoutMs: number): Promise<ProgressMessage | undefined>;
  onFlush(worker: string, callback: (operation: string) => Promise<ProgressMessage | undefined>): Unsubscribe;

  /**
   * Server side, where the broker keeps status messages of outside processes: takes them in batches, shared by all servers. They are
   * acknowledged once the callback resolves, and delivered again when it rejects, or says `later`.
   */
  onStatus?(callback: (messages: readonly ArrivedMessage[]) => Promise<readonly StatusMessageResult[]>): Unsubscribe;
}
