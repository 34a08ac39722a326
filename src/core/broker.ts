import type { Notice, ProgressMessage, WorkerRequestKind, WorkerRequests } from "./messages.ts";

/** How a server answers each worker request. */
export type WorkerAnswers = {
  readonly [Kind in WorkerRequestKind]: (
    request: WorkerRequests[Kind]["request"],
  ) => Promise<WorkerRequests[Kind]["reply"]>;
};

export interface WorkerRequestHandler extends WorkerAnswers {
  readonly progress: (message: ProgressMessage) => void;
}

/** Takes back what a subscription began. */
export type Unsubscribe = () => void;

/**
 * Carries worker requests and replies, wake-ups, change notices and flush requests. A broker that is down delays work; it loses
 * nothing, because nothing it carries is the only copy: requests are repeated until answered, everything else may be lost.
 */
export interface Broker {
  /** What it is, for logs and `/readyz`: `local`, `nats`. */
  readonly name: string;
  open(): Promise<void>;
  close(): Promise<void>;

  /** Server side: answers worker requests. At most one handler of a process; several processes share the requests. */
  serve(handler: WorkerRequestHandler): Unsubscribe;
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

  /** Asks a worker to send the progress of an operation now. Resolves when it has, or to false when nobody answered within `timeoutMs`. */
  flush(worker: string, operation: string, timeoutMs: number): Promise<boolean>;
  onFlush(worker: string, callback: (operation: string) => Promise<void>): Unsubscribe;
}
