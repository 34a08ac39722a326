import type { Channel, ConsumeMessage } from "amqplib";
import type { StatusMessageResult } from "../../core/ports/broker.ts";
import type { InletOpenOptions } from "../../core/ports/inlet.ts";
import { backoffMs } from "../../core/scheduling/backoff.ts";
import { pause } from "../../core/scheduling/pause.ts";

/** Maximum number of messages that are committed together. */
const MAX_BATCH = 200;
/** Delay before a message that another server may be able to apply returns to the queue. */
const DEFERRED_DELAY_MS = 2000;
const BACKOFF = { initialMs: 500, factor: 2, maxMs: 10_000 };

export interface BatchesOptions extends InletOpenOptions {
  readonly channel: Channel;
  /** Aborted when the channel is lost, or when the inlet closes. */
  readonly signal: AbortSignal;
}

/**
 * Applies the messages of a channel in batches, and acknowledges each one after its commit. While the store is down it
 * keeps the messages unacknowledged, so that the broker sends no more than the prefetch.
 */
export class Batches {
  readonly #options: BatchesOptions;
  readonly #deferred = new Set<() => void>();
  readonly #waiting: ConsumeMessage[] = [];
  #isRunning = false;
  #running = Promise.resolve();
  #isWaitingForStore = false;

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /** True while the store commits nothing. */
  get isWaitingForStore(): boolean {
    return this.#isWaitingForStore;
  }

  add(message: ConsumeMessage): void {
    this.#waiting.push(message);
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** Resolves once the batch in hand is acknowledged. The broker delivers all other messages again. */
  async end(): Promise<void> {
    await this.#running;
    for (const cancel of this.#deferred) cancel();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    this.#isRunning = true;
    // Messages that arrive in the same read of the socket form one batch.
    await Promise.resolve();
    while (this.#waiting.length > 0 && !signal.aborted) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      const results = await this.#apply(batch);
      for (const [index, result] of results.entries()) {
        const message = batch[index];
        if (message !== undefined) this.#settle(message, result);
      }
    }
    this.#isRunning = false;
  }

  /** Repeats the batch until it is committed. Resolves to no results once the signal is aborted. */
  async #apply(batch: readonly ConsumeMessage[]): Promise<readonly StatusMessageResult[]> {
    const { deliver, clock, log, signal } = this.#options;
    const deliveries = batch.map(({ content, fields }) => ({ body: content, isRepeated: fields.redelivered }));
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        const results = await deliver(deliveries);
        this.#isWaitingForStore = false;
        return results;
      } catch (error) {
        this.#isWaitingForStore = true;
        log[tries === 1 ? "warn" : "debug"](
          { error, messages: batch.length, tries },
          "failed to commit status messages; they stay in the queue until the store is back",
        );
        await pause(clock, backoffMs(BACKOFF, tries, clock.random()), signal);
      }
    }
    return [];
  }

  #settle(message: ConsumeMessage, { result }: StatusMessageResult): void {
    const { channel, clock } = this.#options;
    if (result === "later") {
      const cancel = clock.after(DEFERRED_DELAY_MS, () => {
        this.#deferred.delete(cancel);
        this.#send(() => channel.nack(message, false, true));
      });
      this.#deferred.add(cancel);
    } else if (result === "refused") {
      // Goes to the dead-letter exchange of the queue if it has one, and is discarded otherwise.
      this.#send(() => channel.nack(message, false, false));
    } else this.#send(() => channel.ack(message));
  }

  /** On a channel that is closed, amqplib throws; the broker then delivers the message again. */
  #send(acknowledge: () => void): void {
    try {
      acknowledge();
    } catch (error) {
      this.#options.log.debug({ error }, "failed to acknowledge a status message; it will be redelivered");
    }
  }
}
