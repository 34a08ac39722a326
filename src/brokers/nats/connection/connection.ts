import { connect, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import { AfootError } from "../../../core/errors.ts";
import type { BrokerOpenOptions, BrokerStatus, Unsubscribe } from "../../../core/ports/broker.ts";
import { silentLog } from "../../../core/ports/log.ts";
import { backoffMs } from "../../../core/scheduling/backoff.ts";
import { systemClock } from "../../../core/scheduling/clock.ts";
import { pause } from "../../../core/scheduling/pause.ts";
import { resolvesWithin } from "../../../core/scheduling/promises.ts";
import { keptAlive } from "./keep-alive.ts";
import type { NatsSettings } from "./options.ts";

const BACKOFF = { initialMs: 250, factor: 2, maxMs: 5000 };
/** How long what is under way may take to be sent at a close. */
const DRAIN_MS = 2000;
/** What NATS takes where its server has not said yet. */
const DEFAULT_MAX_PAYLOAD = 1_048_576;

export interface PublishOptions {
  readonly reply?: string;
  readonly headers?: MsgHdrs;
}

/** A subscription that outlives connections. */
export interface Listening {
  /** Hears no more. Resolves once everything that had been sent before has been heard. */
  readonly stop: () => Promise<void>;
}

interface Listener {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly hear: (message: Msg) => void;
  subscription?: Subscription;
}

/**
 * A connection that is there for ever: made in the background, made again whatever happens to it. While it is away nothing is kept
 * for later: what is published then is dropped, and whoever waits is told.
 */
export class Link {
  readonly #settings: NatsSettings;
  readonly #listeners = new Set<Listener>();
  readonly #onUp = new Set<() => void>();
  readonly #onDown = new Set<() => void>();
  readonly #closing = new AbortController();
  #open: BrokerOpenOptions = { log: silentLog, clock: systemClock };
  #connection: NatsConnection | undefined;
  #isUp = false;
  #why = "not opened";
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
    return this.#open.log;
  }

  get clock(): BrokerOpenOptions["clock"] {
    return this.#open.clock;
  }

  /** The longest message that can be sent, in bytes. */
  get maxPayload(): number {
    return this.#connection?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
  }

  /** For what needs more than messages. Undefined while it is away. */
  get connection(): NatsConnection | undefined {
    return this.#isUp ? this.#connection : undefined;
  }

  status(): BrokerStatus {
    const servers = [this.#settings.connection.servers ?? []].flat().join(", ");
    if (this.#isUp) return { ready: true, detail: `nats, connected to ${this.#connection?.getServer()}` };
    return { ready: false, detail: `nats, ${servers}: ${this.#why}; work waits, nothing is lost` };
  }

  /** Resolves once it is connected, or every server was tried in vain once; then it goes on trying. */
  async open(options: Partial<BrokerOpenOptions> = {}): Promise<void> {
    if (this.isClosing) throw closed();
    this.#open = { ...this.#open, ...options };
    this.#why = "connecting";
    const tried = Promise.withResolvers<void>();
    const letGo = keptAlive();
    this.#running = this.#run(tried.resolve).finally(letGo);
    await tried.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = this.#connection;
    if (connection !== undefined && this.#isUp) await this.#settled(connection.drain());
    this.#isUp = false;
    await connection?.close();
    await this.#running;
    this.#why = "closed";
    for (const callback of this.#onDown) callback();
  }

  /** False where it was dropped: away, or larger than NATS takes. */
  publish(subject: string, message: Uint8Array | string = "", options: PublishOptions = {}): boolean {
    if (!this.#isUp || this.#connection === undefined) return false;
    try {
      this.#connection.publish(subject, message, options);
      return true;
    } catch (error) {
      this.log.warn({ err: error, subject }, "a message could not be sent");
      return false;
    }
  }

  listen(subject: string, hear: (message: Msg) => void, queue?: string): Listening {
    const listener: Listener = { subject, queue, hear };
    this.#listeners.add(listener);
    if (this.#connection !== undefined) this.#subscribe(this.#connection, listener);
    return {
      stop: async () => {
        this.#listeners.delete(listener);
        const { subscription } = listener;
        if (subscription === undefined || subscription.isClosed()) return;
        if (this.#isUp) await this.#settled(subscription.drain());
        else subscription.unsubscribe();
      },
    };
  }

  /** Resolves once the server has everything that was said so far. */
  async flush(): Promise<void> {
    if (this.#isUp && this.#connection !== undefined) await this.#settled(this.#connection.flush());
  }

  /** Calls back at each connection, the first one too, and at each one after it. */
  onUp(callback: () => void): Unsubscribe {
    this.#onUp.add(callback);
    return () => void this.#onUp.delete(callback);
  }

  /** Calls back whenever it goes away, and when it is closed. */
  onDown(callback: () => void): Unsubscribe {
    this.#onDown.add(callback);
    return () => void this.#onDown.delete(callback);
  }

  async #run(onTried: () => void): Promise<void> {
    for (let tries = 1; !this.isClosing; tries++) {
      try {
        const connection = await connect({ ...this.#settings.connection, reconnectToServer: () => this.#goOn() });
        tries = 0;
        this.#adopt(connection);
        onTried();
        await this.#follow(connection);
      } catch (error) {
        this.#fail(error, tries);
      }
      onTried();
      await pause(this.clock, backoffMs(BACKOFF, Math.max(1, tries), this.clock.random()), this.#closing.signal);
    }
  }

  /** A connection that is lost meanwhile settles nothing any more. */
  async #settled(promise: Promise<void>): Promise<void> {
    await resolvesWithin(
      this.clock,
      DRAIN_MS,
      promise.catch(() => {}),
    );
  }

  /** Asked before each server that the client tries: that is where its attempts can be ended. */
  #goOn(): null {
    if (this.isClosing) throw new Error("closed");
    return null;
  }

  #adopt(connection: NatsConnection): void {
    this.#connection = connection;
    for (const listener of this.#listeners) this.#subscribe(connection, listener);
    this.#rise();
  }

  /** Watches a connection until it is closed for good. */
  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") this.#fall("disconnected");
      else if (status.type === "reconnect") this.#rise();
      else if (status.type === "error") {
        this.#why = status.error.message;
        this.log.error({ err: status.error }, "NATS refused something");
      }
    }
    const error = await connection.closed();
    this.#connection = undefined;
    if (!this.isClosing) this.#fall(error instanceof Error ? error.message : "closed");
  }

  #rise(): void {
    if (this.#isUp || this.isClosing) return;
    this.#isUp = true;
    this.log.info({ server: this.#connection?.getServer() }, "connected to NATS");
    for (const callback of this.#onUp) callback();
  }

  #fall(why: string): void {
    this.#why = why;
    if (!this.#isUp) return;
    this.#isUp = false;
    if (!this.isClosing) this.log.warn({ why }, "lost the connection to NATS; work waits until it is back");
    for (const callback of this.#onDown) callback();
  }

  #fail(error: unknown, tries: number): void {
    this.#why = error instanceof Error ? error.message : String(error);
    if (this.isClosing) return;
    this.log[tries === 1 ? "warn" : "debug"]({ err: error, tries }, "NATS cannot be reached; trying again");
  }

  /** What a callback throws is not to end the reading of all that comes after. */
  #hear(hear: (message: Msg) => void, message: Msg): void {
    try {
      hear(message);
    } catch (error) {
      this.log.error({ err: error, subject: message.subject }, "a message could not be taken");
    }
  }

  #subscribe(connection: NatsConnection, listener: Listener): void {
    const { subject, queue, hear } = listener;
    try {
      listener.subscription = connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error === null) this.#hear(hear, message);
          else this.log.error({ err: error, subject }, "NATS does not let this process listen");
        },
      });
    } catch (error) {
      // Closing or closed: the next connection subscribes again.
      this.log.debug({ err: error, subject }, "not subscribed");
    }
  }
}

function closed(): AfootError {
  return new AfootError("broker-closed", "This broker was closed; make another one with natsBroker().");
}
