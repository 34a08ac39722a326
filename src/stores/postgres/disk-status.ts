import { StoreFullError } from "../../core/errors.ts";
import type { ApplyResult } from "../../core/ports/store.ts";
import type { Clock } from "../../core/scheduling/clock.ts";

/** Time for which the disk counts as full after a refused write. A server that is not ready may get no other write. */
const FULL_TTL_MS = 10_000;

/** Tracks if the disk of the database is full, by the results of writes. */
export class DiskStatus {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #onDiskFull: ((isFull: boolean) => void) | undefined;
  #fullAt: number | undefined;

  constructor(clock: Pick<Clock, "monotonic">, onDiskFull: ((isFull: boolean) => void) | undefined) {
    this.#clock = clock;
    this.#onDiskFull = onDiskFull;
  }

  /** Observes the result of a call that applies changes. */
  async observe(applying: Promise<readonly ApplyResult[]>): Promise<readonly ApplyResult[]> {
    try {
      const results = await applying;
      if (results.some(({ outcome }) => outcome === "applied")) this.#set(undefined);
      return results;
    } catch (error) {
      if (error instanceof StoreFullError) this.#set(this.#clock.monotonic());
      throw error;
    }
  }

  /** @throws StoreFullError if a write was refused lately. A write as small as that of a check may still succeed. */
  check(): void {
    if (this.#fullAt === undefined || this.#clock.monotonic() - this.#fullAt >= FULL_TTL_MS) return;
    throw new StoreFullError("The disk of PostgreSQL is full; free disk space on its server");
  }

  #set(fullAt: number | undefined): void {
    if ((fullAt === undefined) !== (this.#fullAt === undefined)) this.#onDiskFull?.(fullAt !== undefined);
    this.#fullAt = fullAt;
  }
}
