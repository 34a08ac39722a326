import { type ChannelModel, connect } from "amqplib";
import type { BrokerStatus } from "../../core/ports/broker.ts";
import type { InletOpenOptions } from "../../core/ports/inlet.ts";
import { backoffMs } from "../../core/scheduling/backoff.ts";
import { onAbort, pause } from "../../core/scheduling/pause.ts";
import { resolvesWithin } from "../../core/scheduling/promises.ts";
import { Batches } from "./batches.ts";
import { connectionFault } from "./connection-fault.ts";
import type { AmqpNode, AmqpSettings } from "./options.ts";
import { openQueue } from "./queue.ts";

const BACKOFF = { initialMs: 250, factor: 2, maxMs: 5000 };
/** Maximum time for the acknowledgements to be sent at a close. */
const CLOSE_TIMEOUT_MS = 5000;

/** Consumes a queue over a connection that is opened again after every loss. */
export class Consumer {
  readonly #settings: AmqpSettings;
  readonly #options: InletOpenOptions;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #batches: Batches | undefined;
  /** The reason for which no messages are consumed; undefined while they are. */
  #fault: string | undefined = "connecting";

  constructor(settings: AmqpSettings, options: InletOpenOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Resolves once messages are consumed, or after the first failure. Connecting is then retried in the background. */
  async open(): Promise<void> {
    const attempted = Promise.withResolvers<void>();
    this.#running = this.#run(attempted.resolve);
    await attempted.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // A store that does not respond is not waited for: the broker delivers its messages again.
    if (this.#running !== undefined) await resolvesWithin(this.#options.clock, CLOSE_TIMEOUT_MS, this.#running);
    this.#fault = "closed";
  }

  status(): BrokerStatus {
    const { queue, nodes } = this.#settings;
    const name = `amqp, queue ${queue} at ${nodes.map(({ hostname, port }) => `${hostname}:${port}`).join(", ")}`;
    if (this.#fault !== undefined) {
      return { ready: false, detail: `${name}: ${this.#fault}; messages wait in the queue, nothing is lost` };
    }
    return this.#batches?.isWaitingForStore === true
      ? { ready: false, detail: `${name}: waiting for the store; messages wait in the queue, nothing is lost` }
      : { ready: true, detail: `${name}, consuming` };
  }

  async #run(onAttempted: () => void): Promise<void> {
    const { clock, log } = this.#options;
    const { nodes, queue } = this.#settings;
    const { signal } = this.#closing;
    for (let tries = 1; !signal.aborted; tries++) {
      const node = nodes[(tries - 1) % nodes.length] ?? nodes[0];
      if (node === undefined) return;
      const consuming = (): void => {
        tries = 0;
        this.#fault = undefined;
        log.info({ queue, host: node.hostname }, "consuming status messages over AMQP");
        onAttempted();
      };
      const fault = await this.#consume(node, consuming).catch((error: unknown) => connectionFault(error, node, queue));
      if (signal.aborted) break;
      this.#fault = fault;
      log[tries <= 1 ? "warn" : "debug"](
        { queue, host: node.hostname, port: node.port, reason: fault, tries },
        "not consuming status messages over AMQP; retrying, messages wait in the queue",
      );
      onAttempted();
      await pause(clock, backoffMs(BACKOFF, Math.max(1, tries), clock.random()), signal);
    }
    onAttempted();
  }

  /** Consumes over one connection until it is lost or the inlet closes. Resolves to the reason. */
  async #consume(node: AmqpNode, onConsuming: () => void): Promise<string> {
    const { queue, prefetch, socket } = this.#settings;
    const lost = new AbortController();
    const connection = await connect(node, socket);
    const lose = (error?: Error): void => lost.abort(error ?? new Error("the connection was closed"));
    connection.on("error", lose);
    connection.on("close", lose);
    const signal = AbortSignal.any([lost.signal, this.#closing.signal]);
    const ended = Promise.withResolvers<void>();
    const removeListener = onAbort(signal, () => ended.resolve());
    try {
      const channel = await openQueue(connection, queue);
      channel.on("error", lose);
      channel.on("close", () => lose());
      await channel.prefetch(prefetch);
      const batches = new Batches({ ...this.#options, channel, signal });
      this.#batches = batches;
      const { consumerTag } = await channel.consume(queue, (message) => {
        // The broker ends a consumer if its queue is deleted, or moves to another node.
        if (message === null) lose(new Error("the queue was deleted, or its node is down"));
        else batches.add(message);
      });
      onConsuming();
      await ended.promise;
      if (!lost.signal.aborted) await channel.cancel(consumerTag);
      await batches.end();
      const reason: unknown = lost.signal.reason;
      return lost.signal.aborted ? connectionFault(reason, node, queue) : "closed";
    } finally {
      removeListener();
      await this.#end(connection);
    }
  }

  /** Closes a connection after its acknowledgements are sent. A broker that does not respond is not waited for. */
  async #end(connection: ChannelModel): Promise<void> {
    connection.removeAllListeners("close");
    const closed = connection.close().catch(() => {});
    await resolvesWithin(this.#options.clock, CLOSE_TIMEOUT_MS / 2, closed);
  }
}
