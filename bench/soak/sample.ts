import { readdirSync, readFileSync } from "node:fs";
import type { Fleet } from "./fleet.ts";
import type { StoreSizes } from "./stores.ts";
import type { Latencies } from "./timing.ts";

/** Resource use of the processes and of the store at one moment, and the latencies since the moment before. */
export interface Sample extends StoreSizes, Latencies {
  readonly seconds: number;
  readonly serverMiB: number;
  readonly heapMiB: number;
  readonly handles: number;
  readonly descriptors: number;
  readonly workerMiB: number;
  readonly workerDescriptors: number;
  readonly inProgress: number;
}

export async function sample(seconds: number, { server, worker, store }: Fleet, latencies: Latencies): Promise<Sample> {
  const text = await (await fetch(`${server.origin}/metrics`, { signal: AbortSignal.timeout(30_000) })).text();
  return {
    seconds,
    serverMiB: residentMiB(server.pid),
    heapMiB: sumOf(text, "nodejs_heap_size_used_bytes") / 2 ** 20,
    handles: sumOf(text, "nodejs_active_handles_total"),
    descriptors: descriptorsOf(server.pid),
    workerMiB: residentMiB(worker.pid),
    workerDescriptors: descriptorsOf(worker.pid),
    inProgress: sumOf(text, "afoot_resources_in_progress"),
    ...(await store.sizes()),
    ...latencies,
  };
}

/** Sums all series of a metric. */
function sumOf(text: string, name: string): number {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Returns the private resident memory. Excludes mapped files, whose share the operating system decides. */
function residentMiB(pid: number): number {
  const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
  return ((resident - shared) * 4096) / 2 ** 20;
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
