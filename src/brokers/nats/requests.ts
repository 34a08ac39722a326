import { AfootError } from "../../core/errors.ts";
import type { WorkerRequestHandlers, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { ProgressMessage, WorkerRequestKind, WorkerRequests } from "../../core/ports/messages.ts";
import type { Link } from "./connection/connection.ts";
import type { Exchange } from "./messenger.ts";
import { decoded, encoded } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";
import { Serving } from "./worker-request-server.ts";

/** How long an answer may take where who asks says nothing else. */
const TIMEOUT_MS = 10_000;

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Worker requests, from both sides. A process that is server and worker asks itself. */
export class Requests {
  readonly #link: Link;
  readonly #exchange: Exchange;
  readonly #subjects: Subjects;
  readonly #stopping = new Set<Promise<void>>();
  #handler: WorkerMessageHandlers | undefined;
  #serving: Serving | undefined;

  constructor(link: Link, exchange: Exchange, subjects: Subjects) {
    this.#link = link;
    this.#exchange = exchange;
    this.#subjects = subjects;
  }

  serve(handler: WorkerMessageHandlers): () => void {
    if (this.#handler !== undefined) {
      throw new AfootError("broker-served", "This broker answers worker requests already; a process has one server.");
    }
    this.#handler = handler;
    this.#serving = new Serving({ link: this.#link, exchange: this.#exchange, subjects: this.#subjects, handler });
    return () => this.#stop();
  }

  async request<Kind extends WorkerRequestKind>(
    kind: Kind,
    request: WorkerRequests[Kind]["request"],
    { timeoutMs = TIMEOUT_MS, signal }: RequestOptions = {},
  ): Promise<WorkerRequests[Kind]["reply"]> {
    if (this.#handler !== undefined) {
      const answers: WorkerRequestHandlers = this.#handler;
      return answers[kind](request);
    }
    const reply = await this.#exchange.ask(this.#subjects.worker(kind), encoded(request), { timeoutMs, signal });
    return decoded(reply);
  }

  progress(message: ProgressMessage): void {
    if (this.#handler !== undefined) {
      this.#handler.progress(message);
      return;
    }
    const data = encoded(message);
    // What is too large for one message goes with the next beat.
    if (data.length <= this.#link.maxPayload) this.#link.publish(this.#subjects.worker("progress"), data);
  }

  /** Answers what was taken. */
  async close(): Promise<void> {
    this.#stop();
    await Promise.all(this.#stopping);
  }

  #stop(): void {
    const serving = this.#serving;
    this.#handler = undefined;
    this.#serving = undefined;
    if (serving === undefined) return;
    const stopping = serving.stop().finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }
}
