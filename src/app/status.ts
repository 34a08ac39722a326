import type { Broker } from "../core/ports/broker.ts";
import type { Running } from "./running.ts";

/** How a running part of an app is, for `/readyz`. */
export interface PartStatus {
  readonly name: string;
  readonly ready: boolean;
  /** Requests are answered all the same; what they ask for waits. @default false */
  readonly isDispensable?: boolean;
  /** One line for people. */
  readonly detail: string;
}

/** Asks every part. A part that does not answer is named with its reason. */
export async function partsOf({ types, store, broker, server, worker }: Running): Promise<readonly PartStatus[]> {
  const parts: PartStatus[] = [brokerPart(broker, server !== undefined)];
  if (server !== undefined) parts.push({ name: "server", ready: true, detail: "answering" });
  if (worker !== undefined) parts.push({ name: "worker", ready: true, detail: worker.id });
  if (store === undefined) return parts;
  try {
    await store.nextOverdueAt();
    parts.push({ name: "store", ready: true, detail: store.name });
    const counts = (await server?.counting()) ?? [];
    const declared = new Set(types.map(({ name }) => name));
    const waiting = counts.filter(({ type, state }) => !declared.has(type) && !SETTLED.has(state));
    if (waiting.length > 0) {
      const names = [...new Set(waiting.map(({ type }) => type))].join(", ");
      parts.push({ name: "types", ready: true, detail: `operations wait for a node that declares: ${names}` });
    }
  } catch (error) {
    parts.push({ name: "store", ready: false, detail: error instanceof Error ? error.message : "does not answer" });
  }
  return parts;
}

/** While the broker is away, a server accepts as ever: taken out of service, it would refuse what it need not. */
function brokerPart(broker: Broker, isServing: boolean): PartStatus {
  const { ready, detail } = broker.status?.() ?? { ready: true, detail: broker.name };
  return { name: "broker", ready, detail, ...(isServing ? { isDispensable: true } : {}) };
}

const SETTLED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);
