import type { Clock } from "../scheduling/clock.ts";
import type { BrokerStatus, StatusMessageResult } from "./broker.ts";
import type { Log } from "./log.ts";

/** A status message as an inlet received it: not parsed yet. */
export interface Delivery {
  /** The text of the message, in UTF-8. */
  readonly body: Uint8Array;
  /** True if the message was delivered before. */
  readonly isRepeated: boolean;
}

/**
 * Applies status messages of external processes together. Resolves after the commit, to the result of each message.
 * Rejects if nothing could be committed, such as during an outage of the store: deliver the same messages again.
 */
export type Deliver = (deliveries: readonly Delivery[]) => Promise<readonly StatusMessageResult[]>;

export interface InletOpenOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly deliver: Deliver;
}

/** An inlet that consumes messages. */
export interface OpenInlet {
  readonly status: () => BrokerStatus;
  /** Stops consuming. Resolves once the messages in hand are acknowledged, or left to another server. */
  readonly close: () => Promise<void>;
}

/**
 * A source of status messages of external processes, such as a queue of a message broker. It acknowledges a message
 * after its commit, so that no message is lost.
 */
export interface Inlet {
  /** Name for logs and `/readyz`, such as `amqp`. */
  readonly name: string;
  /** Resolves even if the source is unreachable: it must not keep a server from starting. */
  readonly open: (options: InletOpenOptions) => Promise<OpenInlet>;
}
