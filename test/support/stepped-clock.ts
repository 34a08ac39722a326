import type { Clock } from "../../src/core/scheduling/clock.ts";

interface Timer {
  readonly at: number;
  readonly ms: number;
  readonly callback: () => void;
}

/** A clock that changes only when a test advances it. */
export class SteppedClock implements Clock {
  /** Wall-clock instant at the origin of the monotonic clock. */
  readonly startedAt = Date.parse("2026-01-01T00:00:00Z");
  /** The value that `random()` returns. */
  chance = 0.5;
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<() => void>();
  #elapsed = 0;

  now(): number {
    return this.startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), ms, callback };
    this.#timers.add(timer);
    this.#changed();
    return () => {
      this.#timers.delete(timer);
      this.#changed();
    };
  }

  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Advances by `ms` and runs every timer on the way, in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    while (this.runNext(end));
    this.#elapsed = end;
  }

  /** Runs the next timer that is due by `end`. Returns false if there is none. */
  protected runNext(end: number): boolean {
    const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#elapsed = Math.max(this.#elapsed, next.at);
    next.callback();
    return true;
  }

  /** The number of timers that are set. */
  get size(): number {
    return this.#timers.size;
  }

  /** The delays, from now, of the timers that are set. */
  get pending(): readonly number[] {
    return [...this.#timers].map(({ at }) => at - this.#elapsed);
  }

  /** The number of timers that were set for this length. */
  count(ms: number): number {
    return [...this.#timers].filter((timer) => timer.ms === ms).length;
  }

  /** Resolves once exactly `count` timers of this length are set. */
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

  #changed(): void {
    for (const watch of this.#watchers) watch();
  }
}

/**
 * A stepped clock that advances itself to the next timer once nothing real (a request under way) happens. Pauses in the tested code take
 * no time, in order, and every instant can be asserted exactly.
 */
export class JumpingClock extends SteppedClock {
  override chance = 0;
  /** Requests by name: those under way, and those among them that a server keeps waiting. */
  readonly #sent = new Set<string>();
  readonly #waiting = new Set<string>();
  #isPlanned = false;

  override after(ms: number, callback: () => void): () => void {
    const cancel = super.after(ms, callback);
    this.#plan();
    return cancel;
  }

  /** Stops the clock until the request is done, except while a server keeps it waiting. */
  async whileSent<T>(request: string, work: () => Promise<T>): Promise<T> {
    this.#sent.add(request);
    try {
      return await work();
    } finally {
      this.#sent.delete(request);
      this.#plan();
    }
  }

  /** Lets the clock go on while a server keeps the request waiting. */
  async whileHeld(request: string, work: () => Promise<void>): Promise<void> {
    this.#waiting.add(request);
    this.#plan();
    try {
      await work();
    } finally {
      this.#waiting.delete(request);
    }
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (this.#sent.isSubsetOf(this.#waiting) && this.runNext(Number.POSITIVE_INFINITY)) this.#plan();
    });
  }
}
