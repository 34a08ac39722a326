import { connect, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import { AfootError } from "../../../core/errors.ts";
import type { BrokerOpenOptions, BrokerStatus, Unsubscribe } from "../../../core/ports/broker.ts";
import { silentLog } from "../../../core/ports/log.ts";
import { backoffMs } from "../../../core/scheduling/backoff.ts";
import { systemClock } from "../../../core/scheduling/clock.ts";
import { pause } from "../../../core/scheduling/pause.ts";
import { resolvesWithin } from "../../../core/scheduling/promises.ts";
import { keepProcessAlive } from "./keep-alive.ts";
import type { NatsSettings } from "./options.ts";

const BACKOFF = { initialMs: 250, factor: 2, maxMs: 5000 };
/** Time limit for sending pending messages at a close. */
const DRAIN_TIMEOUT_MS = 2000;
/** Payload limit of NATS, until the server has sent its own. */
const DEFAULT_MAX_PAYLOAD = 1_048_576;

export interface PublishOptions {
  readonly reply?: string;
  readonly headers?: MsgHdrs;
}

/** A subscription that is renewed at each reconnection. */
export interface PersistentSubscription {
  /** Ends the subscription. Resolves once all messages sent before have been delivered. */
  readonly stop: () => Promise<void>;
}

interface Listener {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly onMessage: (message: Msg) => void;
  subscription?: Subscription;
}

/**
 * A connection that is opened in the background and reopened after every loss. Nothing is buffered while it is down:
 * published messages are dropped, and pending requests fail.
 */
export class PersistentConnection {
  readonly #settings: NatsSettings;
  readonly #listeners = new Set<Listener>();
  readonly #onUp = new Set<() => void>();
  readonly #onDown = new Set<() => void>();
  readonly #closing = new AbortController();
  #environment: BrokerOpenOptions = { log: silentLog, clock: systemClock };
  #connection: NatsConnection | undefined;
  #isUp = false;
  #downReason = "not opened";
  #running: Promise<void> | undefined;

  constructor(settings: NatsSettings) {
    this.#settings = settings;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  get log(): BrokerOpenOptions["log"] {
    return this.#environment.log;
  }

  get clock(): BrokerOpenOptions["clock"] {
    return this.#environment.clock;
  }

  /** Maximum size of a message, in bytes. */
  get maxPayload(): number {
    return this.#connection?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
  }

  /** The underlying connection, for JetStream. Undefined while it is down. */
  get current(): NatsConnection | undefined {
    return this.#isUp ? this.#connection : undefined;
  }

  status(): BrokerStatus {
    const servers = [this.#settings.connection.servers ?? []].flat().join(", ");
    if (this.#isUp) return { ready: true, detail: `nats, connected to ${this.#connection?.getServer()}` };
    return {
      ready: false,
      detail: `nats, ${servers}: ${this.#downReason}; work waits until NATS is back, nothing is lost`,
    };
  }

  /** Resolves once connected, or after every server has failed once. Connecting is then retried in the background. */
  async open(options: Partial<BrokerOpenOptions> = {}): Promise<void> {
    if (this.isClosing) throw closed();
    this.#environment = { ...this.#environment, ...options };
    this.#downReason = "connecting";
    const attempted = Promise.withResolvers<void>();
    const releaseProcess = keepProcessAlive();
    this.#running = this.#run(attempted.resolve).finally(releaseProcess);
    await attempted.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = this.#connection;
    if (connection !== undefined && this.#isUp) await this.#withinDrainTimeout(connection.drain());
    this.#isUp = false;
    await connection?.close();
    await this.#running;
    this.#downReason = "closed";
    for (const callback of this.#onDown) callback();
  }

  /** Returns false if the message was dropped: the connection is down, or the message exceeds the payload limit. */
  publish(subject: string, message: Uint8Array | string = "", options: PublishOptions = {}): boolean {
    if (!this.#isUp || this.#connection === undefined) return false;
    try {
      this.#connection.publish(subject, message, options);
      return true;
    } catch (error) {
      this.log.warn({ err: error, subject }, "failed to publish a message");
      return false;
    }
  }

  subscribe(subject: string, onMessage: (message: Msg) => void, queue?: string): PersistentSubscription {
    const listener: Listener = { subject, queue, onMessage };
    this.#listeners.add(listener);
    if (this.#connection !== undefined) this.#attach(this.#connection, listener);
    return {
      stop: async () => {
        this.#listeners.delete(listener);
        const { subscription } = listener;
        if (subscription === undefined || subscription.isClosed()) return;
        if (this.#isUp) await this.#withinDrainTimeout(subscription.drain());
        else subscription.unsubscribe();
      },
    };
  }

  /** Resolves once the server has received everything published so far. */
  async flush(): Promise<void> {
    if (this.#isUp && this.#connection !== undefined) await this.#withinDrainTimeout(this.#connection.flush());
  }

  /** Calls back after each connect and reconnect. */
  onUp(callback: () => void): Unsubscribe {
    this.#onUp.add(callback);
    return () => void this.#onUp.delete(callback);
  }

  /** Calls back whenever the connection is lost, and when it is closed. */
  onDown(callback: () => void): Unsubscribe {
    this.#onDown.add(callback);
    return () => void this.#onDown.delete(callback);
  }

  async #run(onAttempted: () => void): Promise<void> {
    for (let tries = 1; !this.isClosing; tries++) {
      try {
        const connection = await connect({
          ...this.#settings.connection,
          reconnectToServer: () => this.#checkClosing(),
        });
        tries = 0;
        this.#adopt(connection);
        onAttempted();
        await this.#watch(connection);
      } catch (error) {
        this.#fail(error, tries);
      }
      onAttempted();
      await pause(this.clock, backoffMs(BACKOFF, Math.max(1, tries), this.clock.random()), this.#closing.signal);
    }
  }

  /** Waits with a time limit, because a promise of a lost connection may never settle. */
  async #withinDrainTimeout(promise: Promise<void>): Promise<void> {
    await resolvesWithin(
      this.clock,
      DRAIN_TIMEOUT_MS,
      promise.catch(() => {}),
    );
  }

  /** Called by the NATS client before each reconnection: an error here is the only way to end its attempts. */
  #checkClosing(): null {
    if (this.isClosing) throw new Error("closed");
    return null;
  }

  #adopt(connection: NatsConnection): void {
    this.#connection = connection;
    for (const listener of this.#listeners) this.#attach(connection, listener);
    this.#markUp();
  }

  /** Follows the status of a connection until it is closed for good. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") this.#markDown("disconnected");
      else if (status.type === "reconnect") this.#markUp();
      else if (status.type === "error") {
        this.#downReason = status.error.message;
        this.log.error({ err: status.error }, "NATS reported an error");
      }
    }
    const error = await connection.closed();
    this.#connection = undefined;
    if (!this.isClosing) this.#markDown(error instanceof Error ? error.message : "closed");
  }

  #markUp(): void {
    if (this.#isUp || this.isClosing) return;
    this.#isUp = true;
    this.log.info({ server: this.#connection?.getServer() }, "connected to NATS");
    for (const callback of this.#onUp) callback();
  }

  #markDown(reason: string): void {
    this.#downReason = reason;
    if (!this.#isUp) return;
    this.#isUp = false;
    if (!this.isClosing) this.log.warn({ reason }, "lost the connection to NATS; work waits until it is back");
    for (const callback of this.#onDown) callback();
  }

  #fail(error: unknown, tries: number): void {
    this.#downReason = error instanceof Error ? error.message : String(error);
    if (this.isClosing) return;
    this.log[tries === 1 ? "warn" : "debug"]({ err: error, tries }, "failed to connect to NATS; retrying");
  }

  /** Catches errors of the callback, which would end the subscription. */
  #deliver(onMessage: (message: Msg) => void, message: Msg): void {
    try {
      onMessage(message);
    } catch (error) {
      this.log.error({ err: error, subject: message.subject }, "failed to handle a message");
    }
  }

  #attach(connection: NatsConnection, listener: Listener): void {
    const { subject, queue, onMessage } = listener;
    try {
      listener.subscription = connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error === null) this.#deliver(onMessage, message);
          else this.log.error({ err: error, subject }, "NATS rejected a subscription");
        },
      });
    } catch (error) {
      // The connection is closing or closed. The next one subscribes again.
      this.log.debug({ err: error, subject }, "failed to subscribe; the next connection subscribes again");
    }
  }
}

function closed(): AfootError {
  return new AfootError("broker-closed", "This broker is closed. Create another one with natsBroker().");
}
