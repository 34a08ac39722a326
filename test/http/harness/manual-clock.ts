import type { Clock } from "../../../src/core/scheduling/clock.ts";

interface Timer {
  readonly at: number;
  readonly ms: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to, and tells when somebody waits for it. */
export class ManualClock implements Clock {
  readonly #startedAt = Date.parse("2026-01-01T00:00:00Z");
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<() => void>();
  #elapsed = 0;

  now(): number {
    return this.#startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  random(): number {
    return 0.5;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + ms, ms, callback };
    this.#timers.add(timer);
    for (const watch of this.#watchers) watch();
    return () => {
      this.#timers.delete(timer);
      for (const watch of this.#watchers) watch();
    };
  }

  /** Moves on, and calls back what is due, in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.callback();
    }
    this.#elapsed = end;
  }

  /** How many timers of this length run. */
  count(ms: number): number {
    return [...this.#timers].filter((timer) => timer.ms === ms).length;
  }

  /** Resolves once exactly so many timers of this length run. */
  async armed(ms: number, count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = (): void => {
      if (this.count(ms) === count) resolve();
    };
    this.#watchers.add(watch);
    watch();
    await promise;
    this.#watchers.delete(watch);
  }
}
