import type { Running } from "./running.ts";

/** How a running part of an app is, for `/readyz`. */
export interface PartStatus {
  readonly name: string;
  readonly ready: boolean;
  /** One line for people. */
  readonly detail: string;
}

/** Asks every part. A part that does not answer is named with its reason. */
export async function partsOf({ types, store, broker, server, worker }: Running): Promise<readonly PartStatus[]> {
  const parts: PartStatus[] = [{ name: "broker", ready: true, detail: broker.name }];
  if (server !== undefined) parts.push({ name: "server", ready: true, detail: "answering" });
  if (worker !== undefined) parts.push({ name: "worker", ready: true, detail: worker.id });
  try {
    const counts = await store.counts();
    parts.push({ name: "store", ready: true, detail: store.name });
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

const SETTLED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);
