import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { AfootError } from "../../core/errors.ts";
import type { ArrivedMessage, StatusMessageResult, Unsubscribe } from "../../core/ports/broker.ts";
import { backoffMs } from "../../core/scheduling/backoff.ts";
import { pause } from "../../core/scheduling/pause.ts";
import type { PersistentConnection } from "./connection/connection.ts";
import { ACK_WAIT_MS, openSharedConsumer } from "./stream-setup.ts";
import { tryDecodeMessage } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";

export type StatusCallback = (messages: readonly ArrivedMessage[]) => Promise<readonly StatusMessageResult[]>;

export interface StatusStreamOptions {
  readonly connection: PersistentConnection;
  readonly subjects: Subjects;
  readonly replicas: number | undefined;
}

/** Maximum number of messages that are pulled together and committed together. */
const MAX_BATCH = 200;
/** Time limit of a pull request. NATS sends heartbeats meanwhile, so that a lost pull request is noticed. */
const PULL_TIMEOUT_MS = 20_000;
const HEARTBEAT_INTERVAL_MS = 2000;
/** Delay before messages of a failed commit are redelivered. */
const REDELIVERY_DELAY_MS = 2000;
/** Delay before messages that another server may be able to apply are redelivered. */
const DEFERRED_DELAY_MS = 5000;
const BACKOFF = { initialMs: 500, factor: 2, maxMs: 10_000 };

/**
 * Consumes the status messages of external processes from JetStream. All servers share one consumer; messages are
 * acknowledged after their commit.
 */
export class StatusStream {
  readonly #options: StatusStreamOptions;
  readonly #stopping = new AbortController();
  #lastError: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: StatusStreamOptions) {
    this.#options = options;
  }

  /** The reason why no messages are consumed although NATS is connected; undefined otherwise. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  onStatus(callback: StatusCallback): Unsubscribe {
    if (this.#running !== undefined) {
      throw new AfootError("broker-served", "This broker already delivers status messages. A process has one server.");
    }
    this.#running = this.#run(callback);
    return () => this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(callback: StatusCallback): Promise<void> {
    const { connection } = this.#options;
    const { signal } = this.#stopping;
    let tries = 0;
    while (!signal.aborted) {
      const current = await this.#connected();
      if (current === undefined) return;
      try {
        const consumer = await openSharedConsumer({ ...this.#options, connection: current });
        tries = 0;
        this.#lastError = undefined;
        while (!signal.aborted && connection.current === current) await this.#pull(consumer, callback);
      } catch (error) {
        tries++;
        if (connection.isUp && !signal.aborted) this.#warn(error, tries);
        await pause(connection.clock, backoffMs(BACKOFF, tries, connection.clock.random()), signal);
      }
    }
  }

  #warn(error: unknown, tries: number): void {
    const { connection, subjects } = this.#options;
    this.#lastError = `status messages of external processes are not consumed: ${error instanceof Error ? error.message : String(error)}`;
    connection.log[tries <= 1 ? "warn" : "debug"](
      { err: error, stream: subjects.stream, tries },
      "failed to consume status messages; retrying",
    );
  }

  /** Pulls up to a batch. Messages that arrive together are handled together, without waiting for a full batch. */
  async #pull(consumer: Consumer, callback: StatusCallback): Promise<void> {
    const { signal } = this.#stopping;
    const messages = await consumer.fetch({
      max_messages: MAX_BATCH,
      expires: PULL_TIMEOUT_MS,
      idle_heartbeat: HEARTBEAT_INTERVAL_MS,
    });
    const close = (): void => void messages.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    try {
      let batch: JsMsg[] = [];
      for await (const message of messages) {
        if (signal.aborted) {
          message.nak();
          continue;
        }
        batch.push(message);
        if (messages.getPending() > 0) continue;
        await this.#deliver(batch, callback);
        batch = [];
      }
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async #deliver(messages: readonly JsMsg[], callback: StatusCallback): Promise<void> {
    const { connection, subjects } = this.#options;
    const stopExtending = this.#extendAckDeadline(messages);
    try {
      const results = await callback(messages.map((message) => toArrivedMessage(message, subjects)));
      for (const [index, message] of messages.entries()) {
        if (results[index]?.result === "later") message.nak(DEFERRED_DELAY_MS);
        else message.ack();
      }
    } catch (error) {
      connection.log.warn(
        { err: error, messages: messages.length },
        "failed to commit status messages; they will be redelivered",
      );
      for (const message of messages) message.nak(REDELIVERY_DELAY_MS);
    } finally {
      stopExtending();
    }
  }

  /** Extends the acknowledgement deadline until the returned function is called, because a commit may take longer. */
  #extendAckDeadline(messages: readonly JsMsg[]): () => void {
    const { clock } = this.#options.connection;
    let cancelTimer = (): void => {};
    const schedule = (): void => {
      cancelTimer = clock.after(ACK_WAIT_MS / 3, () => {
        for (const message of messages) message.working();
        schedule();
      });
    };
    schedule();
    return () => cancelTimer();
  }

  /** Resolves to the connection once it is up, or to undefined once stopped. */
  async #connected(): Promise<NatsConnection | undefined> {
    const { connection } = this.#options;
    const { signal } = this.#stopping;
    const up = Promise.withResolvers<void>();
    const end = (): void => up.resolve();
    const unsubscribe = connection.onUp(end);
    signal.addEventListener("abort", end, { once: true });
    if (!connection.isUp && !signal.aborted) await up.promise;
    signal.removeEventListener("abort", end);
    unsubscribe();
    return signal.aborted ? undefined : connection.current;
  }
}

function toArrivedMessage(message: JsMsg, subjects: Subjects): ArrivedMessage {
  const key = subjects.keyOf(message.subject);
  return {
    message: tryDecodeMessage(message),
    at: message.time.getTime(),
    ...(message.redelivered ? { isRepeated: true } : {}),
    ...(key === undefined ? {} : { key }),
  };
}
