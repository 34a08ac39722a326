import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { AfootError } from "../../core/errors.ts";
import type { ArrivedMessage, StatusMessageResult, Unsubscribe } from "../../core/ports/broker.ts";
import { backoffMs } from "../../core/scheduling/backoff.ts";
import { pause } from "../../core/scheduling/pause.ts";
import type { Link } from "./connection/connection.ts";
import { ACK_WAIT_MS, sharedConsumer } from "./stream-setup.ts";
import { jsonOf } from "./wire/json.ts";
import type { Subjects } from "./wire/subjects.ts";

export type StatusCallback = (messages: readonly ArrivedMessage[]) => Promise<readonly StatusMessageResult[]>;

export interface StatusStreamOptions {
  readonly link: Link;
  readonly subjects: Subjects;
  readonly replicas: number | undefined;
}

/** How many messages are taken at once, and committed together. */
const BATCH = 200;
/** How long a request for messages stands, and how soon a server that does not hold it any more is missed. */
const STANDS_MS = 20_000;
const HEARTBEAT_MS = 2000;
/** How soon messages that could not be committed are delivered again. */
const AGAIN_MS = 2000;
/** How soon those come again that another server may know. */
const LATER_MS = 5000;
const BACKOFF = { initialMs: 500, factor: 2, maxMs: 10_000 };

/** Takes the status messages of outside processes from JetStream: shared by all servers, acknowledged once they are committed. */
export class StatusStream {
  readonly #options: StatusStreamOptions;
  readonly #stopping = new AbortController();
  #trouble: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: StatusStreamOptions) {
    this.#options = options;
  }

  /** Why nothing is taken although NATS is there; undefined while all is well, or nobody wants any. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  onStatus(callback: StatusCallback): Unsubscribe {
    if (this.#running !== undefined) {
      throw new AfootError("broker-served", "This broker hands status messages out already; a process has one server.");
    }
    this.#running = this.#run(callback);
    return () => this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(callback: StatusCallback): Promise<void> {
    const { link } = this.#options;
    const { signal } = this.#stopping;
    let tries = 0;
    while (!signal.aborted) {
      const connection = await this.#connected();
      if (connection === undefined) return;
      try {
        const consumer = await sharedConsumer({ ...this.#options, connection });
        tries = 0;
        this.#trouble = undefined;
        while (!signal.aborted && link.connection === connection) await this.#pull(consumer, callback);
      } catch (error) {
        tries++;
        if (link.isUp && !signal.aborted) this.#warn(error, tries);
        await pause(link.clock, backoffMs(BACKOFF, tries, link.clock.random()), signal);
      }
    }
  }

  #warn(error: unknown, tries: number): void {
    const { link, subjects } = this.#options;
    this.#trouble = `status messages of outside processes are not taken: ${error instanceof Error ? error.message : String(error)}`;
    link.log[tries <= 1 ? "warn" : "debug"](
      { err: error, stream: subjects.stream, tries },
      "status messages cannot be taken; trying again",
    );
  }

  /** Takes up to a batch; what comes together is handled together, and what is not is not waited for. */
  async #pull(consumer: Consumer, callback: StatusCallback): Promise<void> {
    const { signal } = this.#stopping;
    const messages = await consumer.fetch({ max_messages: BATCH, expires: STANDS_MS, idle_heartbeat: HEARTBEAT_MS });
    const close = (): void => void messages.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    try {
      let together: JsMsg[] = [];
      for await (const message of messages) {
        if (signal.aborted) {
          message.nak();
          continue;
        }
        together.push(message);
        if (messages.getPending() > 0) continue;
        await this.#hand(together, callback);
        together = [];
      }
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async #hand(messages: readonly JsMsg[], callback: StatusCallback): Promise<void> {
    const { link, subjects } = this.#options;
    const stop = this.#sayWorking(messages);
    try {
      const verdicts = await callback(messages.map((message) => arrived(message, subjects)));
      for (const [index, message] of messages.entries()) {
        if (verdicts[index]?.result === "later") message.nak(LATER_MS);
        else message.ack();
      }
    } catch (error) {
      link.log.warn(
        { err: error, messages: messages.length },
        "status messages could not be committed; they are delivered again",
      );
      for (const message of messages) message.nak(AGAIN_MS);
    } finally {
      stop();
    }
  }

  /** A commit may take longer than a message is waited for. */
  #sayWorking(messages: readonly JsMsg[]): () => void {
    const { clock } = this.#options.link;
    let takeBack = (): void => {};
    const plan = (): void => {
      takeBack = clock.after(ACK_WAIT_MS / 3, () => {
        for (const message of messages) message.working();
        plan();
      });
    };
    plan();
    return () => takeBack();
  }

  /** Undefined once stopped. */
  async #connected(): Promise<NatsConnection | undefined> {
    const { link } = this.#options;
    const { signal } = this.#stopping;
    const up = Promise.withResolvers<void>();
    const end = (): void => up.resolve();
    const off = link.onUp(end);
    signal.addEventListener("abort", end, { once: true });
    if (!link.isUp && !signal.aborted) await up.promise;
    signal.removeEventListener("abort", end);
    off();
    return signal.aborted ? undefined : link.connection;
  }
}

function arrived(message: JsMsg, subjects: Subjects): ArrivedMessage {
  const key = subjects.keyOf(message.subject);
  return {
    message: jsonOf(message),
    at: message.time.getTime(),
    ...(message.redelivered ? { isRepeated: true } : {}),
    ...(key === undefined ? {} : { key }),
  };
}
