import type { WorkerBeat } from "../../core/ports/change-feed.ts";

interface Sighting {
  readonly number: number;
  /** How long the number has stood still while this process was looking: outages and stalls of its own do not count. */
  stillMs: number;
}

/** How long each worker's beat has stood still, as far as this process could see. */
export class Sightings {
  readonly #byWorker = new Map<string, Sighting>();

  see({ worker, number }: WorkerBeat): void {
    const seen = this.#byWorker.get(worker);
    if (seen === undefined || number > seen.number) this.#byWorker.set(worker, { number, stillMs: 0 });
  }

  /** Lets time pass. Gives those of the holders whose beat has stood still for the lease; of other workers that have, nothing is kept. */
  pass(ms: number, leaseMs: number, holders: ReadonlySet<string>): ReadonlySet<string> {
    for (const holder of holders) {
      if (!this.#byWorker.has(holder)) this.#byWorker.set(holder, { number: 0, stillMs: 0 });
    }
    const dead = new Set<string>();
    for (const [worker, seen] of this.#byWorker) {
      seen.stillMs += ms;
      if (seen.stillMs < leaseMs) continue;
      if (holders.has(worker)) dead.add(worker);
      else this.#byWorker.delete(worker);
    }
    return dead;
  }

  /** Nobody could be seen: every lease begins anew. */
  forgive(): void {
    for (const seen of this.#byWorker.values()) seen.stillMs = 0;
  }
}
