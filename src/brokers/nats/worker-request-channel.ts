import { AfootError } from "../../core/errors.ts";
import type { WorkerRequestHandlers, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { ProgressMessage, WorkerRequestKind, WorkerRequests } from "../../core/ports/messages.ts";
import type { PersistentConnection } from "./connection/connection.ts";
import type { Messenger } from "./messenger.ts";
import { decodeMessage, encodeMessage } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";
import { WorkerRequestServer } from "./worker-request-server.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Sends and serves worker requests. A process that is server and worker calls its own handlers. */
export class WorkerRequestChannel {
  readonly #connection: PersistentConnection;
  readonly #messenger: Messenger;
  readonly #subjects: Subjects;
  readonly #stopping = new Set<Promise<void>>();
  #handlers: WorkerMessageHandlers | undefined;
  #server: WorkerRequestServer | undefined;

  constructor(connection: PersistentConnection, messenger: Messenger, subjects: Subjects) {
    this.#connection = connection;
    this.#messenger = messenger;
    this.#subjects = subjects;
  }

  serve(handlers: WorkerMessageHandlers): () => void {
    if (this.#handlers !== undefined) {
      throw new AfootError("broker-served", "This broker already serves worker requests. A process has one server.");
    }
    this.#handlers = handlers;
    this.#server = new WorkerRequestServer({
      connection: this.#connection,
      messenger: this.#messenger,
      subjects: this.#subjects,
      handlers,
    });
    return () => this.#stop();
  }

  async request<Kind extends WorkerRequestKind>(
    kind: Kind,
    request: WorkerRequests[Kind]["request"],
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: RequestOptions = {},
  ): Promise<WorkerRequests[Kind]["reply"]> {
    if (this.#handlers !== undefined) {
      const requestHandlers: WorkerRequestHandlers = this.#handlers;
      return requestHandlers[kind](request);
    }
    const subject = this.#subjects.worker(kind);
    const reply = await this.#messenger.request(subject, encodeMessage(request), { timeoutMs, signal });
    return decodeMessage(reply);
  }

  progress(message: ProgressMessage): void {
    if (this.#handlers !== undefined) {
      this.#handlers.progress(message);
      return;
    }
    const data = encodeMessage(message);
    // Progress that is too large for one message is part of the next heartbeat.
    if (data.length <= this.#connection.maxPayload) this.#connection.publish(this.#subjects.worker("progress"), data);
  }

  /** Stops serving. Resolves once every accepted request has a reply. */
  async close(): Promise<void> {
    this.#stop();
    await Promise.all(this.#stopping);
  }

  #stop(): void {
    const server = this.#server;
    this.#handlers = undefined;
    this.#server = undefined;
    if (server === undefined) return;
    const stopping = server.stop().finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }
}
