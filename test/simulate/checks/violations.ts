import type { Scheduler } from "../world/scheduler.ts";

/** The broken promises of a run. */
export class Violations {
  readonly found: string[] = [];
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Adds a violation unless a condition holds. */
  check(isKept: boolean, promise: string, detail: () => string): void {
    if (isKept) return;
    const text = `${promise}: ${detail()}`;
    this.#scheduler.trace.add(this.#scheduler.now, `VIOLATION ${text}`);
    this.found.push(`at ${(this.#scheduler.now / 1000).toFixed(3)} s: ${text}`);
  }
}
