import type { Broker } from "../core/ports/broker.ts";
import type { PartStatus } from "../server/pages/health-pages.ts";
import type { Running } from "./running.ts";

/** Checks every part. A part that fails is listed with its reason. */
export async function partStatuses({
  types,
  store,
  broker,
  server,
  worker,
  inlets,
  checkWritable,
}: Running): Promise<readonly PartStatus[]> {
  const parts: PartStatus[] = [brokerPart(broker, server !== undefined)];
  if (server !== undefined) parts.push({ name: "server", ready: true, detail: "serving requests" });
  if (worker !== undefined) parts.push({ name: "worker", ready: true, detail: worker.id });
  // Messages wait in their source meanwhile, so an inlet does not make a server unready.
  for (const inlet of inlets) parts.push({ name: "inlet", ...inlet.status(), isDispensable: true });
  if (store === undefined) return parts;
  try {
    // A store that can only be read serves nothing that a client creates or changes, and records no result of work.
    await checkWritable?.();
    parts.push({ name: "store", ready: true, detail: store.name });
    const counts = (await server?.counts()) ?? [];
    const declared = new Set(types.map(({ name }) => name));
    const waiting = counts.filter(({ type, state }) => !declared.has(type) && !SETTLED.has(state));
    if (waiting.length > 0) {
      const names = [...new Set(waiting.map(({ type }) => type))].join(", ");
      parts.push({ name: "types", ready: true, detail: `operations wait for a node that declares: ${names}` });
    }
  } catch (error) {
    parts.push({ name: "store", ready: false, detail: error instanceof Error ? error.message : "does not respond" });
  }
  return parts;
}

/** A server without its broker still accepts requests, so the broker does not make it unready. */
function brokerPart(broker: Broker, isServing: boolean): PartStatus {
  const { ready, detail } = broker.status?.() ?? { ready: true, detail: broker.name };
  return { name: "broker", ready, detail, ...(isServing ? { isDispensable: true } : {}) };
}

const SETTLED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);
