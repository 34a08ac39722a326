import type { Broker, WorkerRequestHandler } from "../../core/broker.ts";

/** The two sides of a broker that is open: one object where both are in the same process. */
export interface BrokerEnds {
  readonly server: Broker;
  readonly worker: Broker;
  /** Closes both and whatever carries them. */
  readonly close: () => Promise<void>;
}

export interface BrokerConformanceOptions {
  /** Names the suite in the test report. */
  readonly name: string;
  /** Opens a broker that nobody else uses. */
  readonly create: () => Promise<BrokerEnds>;
}

/** Resolves once both sides hear what they have subscribed to. */
export async function subscribed({ server, worker }: BrokerEnds): Promise<void> {
  await Promise.all([server.subscribed?.(), worker.subscribed?.()]);
}

/** Refuses everything: a test answers what it is about. */
export function answering(answers: Partial<WorkerRequestHandler>): WorkerRequestHandler {
  const unexpected = async (): Promise<never> => {
    throw new Error("this request was not expected");
  };
  return { claim: unexpected, record: unexpected, end: unexpected, beat: unexpected, progress: () => {}, ...answers };
}
