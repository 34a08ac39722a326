import type { Broker, WorkerMessageHandlers } from "../../core/ports/broker.ts";
import type { ResourceKey } from "../../core/resource.ts";

/** The two sides of a broker that is open: one object where both are in the same process. */
export interface BrokerFixture {
  readonly server: Broker;
  readonly worker: Broker;
  /** Opens the broker of one more server, which `close` closes too. Left out where there is one server alone. */
  readonly another?: () => Promise<Broker>;
  /** Posts a text for a resource as an outside process does; resolves once it is kept. Left out where `onStatus` is. */
  readonly post?: (key: ResourceKey, text: string) => Promise<void>;
  /** Closes both and whatever carries them. */
  readonly close: () => Promise<void>;
}

export interface BrokerConformanceOptions {
  /** Names the suite in the test report. */
  readonly name: string;
  /** Opens a broker that nobody else uses. */
  readonly create: () => Promise<BrokerFixture>;
  readonly capabilities?: {
    /** Several servers share it: `another` is there. @default false */
    readonly servers?: boolean;
    /** It keeps status messages: `post` is there. @default false */
    readonly status?: boolean;
  };
}

/** Resolves once both sides hear what they have subscribed to. */
export async function subscribed({ server, worker }: BrokerFixture): Promise<void> {
  await Promise.all([server.subscribed?.(), worker.subscribed?.()]);
}

/** Refuses everything: a test answers what it is about. */
export function handlersWith(answers: Partial<WorkerMessageHandlers>): WorkerMessageHandlers {
  const unexpected = async (): Promise<never> => {
    throw new Error("this request was not expected");
  };
  return { claim: unexpected, record: unexpected, end: unexpected, beat: unexpected, progress: () => {}, ...answers };
}
