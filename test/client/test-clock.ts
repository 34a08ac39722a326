import type { Clock } from "../../src/core/scheduling/clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still while anything real happens (a request on its way), and else jumps to the next timer: whatever
 * is waited for in code happens at once and in order, and every instant can be asserted on exactly.
 */
export class TestClock implements Clock {
  /** Wall-clock instant at the origin of the monotonic one. */
  readonly startedAt = Date.parse("2026-01-01T00:00:00Z");
  /** What random() gives. */
  chance = 0;
  readonly #timers = new Set<Timer>();
  /** Requests by their names: those on their way, and those that a server holds. */
  readonly #sent = new Set<string>();
  readonly #held = new Set<string>();
  #elapsed = 0;
  #planned = false;

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
    const timer = { at: this.#elapsed + Math.max(0, ms), callback };
    this.#timers.add(timer);
    this.#plan();
    return () => this.#timers.delete(timer);
  }

  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** The delays, from now, of the timers that nobody took back. */
  get pending(): readonly number[] {
    return [...this.#timers].map(({ at }) => at - this.#elapsed);
  }

  /** Time stands still until the request is over, but for when it is held. */
  async whileSent<T>(request: string, work: () => Promise<T>): Promise<T> {
    this.#sent.add(request);
    try {
      return await work();
    } finally {
      this.#sent.delete(request);
      this.#plan();
    }
  }

  /** Time goes on while a server holds the request. */
  async whileHeld(request: string, work: () => Promise<void>): Promise<void> {
    this.#held.add(request);
    this.#plan();
    try {
      await work();
    } finally {
      this.#held.delete(request);
    }
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#jump();
    });
  }

  #jump(): void {
    const [next] = [...this.#timers].toSorted((one, other) => one.at - other.at);
    if (next === undefined || !this.#sent.isSubsetOf(this.#held)) return;
    this.#timers.delete(next);
    this.#elapsed = Math.max(this.#elapsed, next.at);
    next.callback();
    this.#plan();
  }
}
