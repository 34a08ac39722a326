import type { Broker, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { ResourceKey } from "../../core/resource.ts";

/** The two sides of an open broker. They are one object if both are in the same process. */
export interface BrokerFixture {
  readonly server: Broker;
  readonly worker: Broker;
  /** Opens the broker of another server, which `close` closes too. Undefined if there is only one server. */
  readonly another?: () => Promise<Broker>;
  /**
   * Posts a text for a resource as an external process does. Resolves when it is stored. Undefined if `onStatus` is.
   */
  readonly post?: (key: ResourceKey, text: string) => Promise<void>;
  /** Closes both sides and their transport. */
  readonly close: () => Promise<void>;
}

/** The broker under test, and its optional parts. */
export interface BrokerConformanceOptions {
  /** Name of the suite in the test report. */
  readonly name: string;
  /** Opens a broker that no other test uses. */
  readonly create: () => Promise<BrokerFixture>;
  /** Optional parts that the broker has, whose suites are run too. @default none */
  readonly capabilities?: {
    /** Several servers share the broker, and `another` is defined. @default false */
    readonly servers?: boolean;
    /** The broker stores status messages, and `post` is defined. @default false */
    readonly status?: boolean;
  };
}

/** Resolves when the subscriptions of both sides are active. */
export async function subscribed({ server, worker }: BrokerFixture): Promise<void> {
  await Promise.all([server.subscribed?.(), worker.subscribed?.()]);
}

/** Returns handlers that reject every request, except for the given ones. */
export function handlersWith(overrides: Partial<WorkerMessageHandlers>): WorkerMessageHandlers {
  const unexpected = async (): Promise<never> => {
    throw new Error("this request was not expected");
  };
  return { claim: unexpected, record: unexpected, end: unexpected, beat: unexpected, progress: () => {}, ...overrides };
}
