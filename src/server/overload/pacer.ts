import type { Clock } from "../../core/ports/clock.ts";

/** How often those are let go who have waited for their turn. */
const TICK_MS = 10;

/**
 * Lets so many through in a second, and the others one after the other. To refuse costs time as well: a client that is refused at
 * once asks again at once, and in the end the server does nothing else. One that is answered a moment later asks a moment later.
 */
export class Pacer {
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  readonly #perSecond: () => number;
  readonly #waiting = new Set<() => void>();
  #tokens: number;
  #countedAt: number;
  #isTicking = false;

  /** @param perSecond how many at the moment */
  constructor(clock: Pick<Clock, "after" | "monotonic">, perSecond: () => number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = perSecond() / 10;
    this.#countedAt = clock.monotonic();
  }

  /** Resolves when it is one's turn; undefined where that is now. */
  turn(): Promise<void> | undefined {
    this.#count();
    if (this.#waiting.size === 0 && this.#tokens >= 1) {
      this.#tokens--;
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#tick();
    });
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #count(): void {
    const now = this.#clock.monotonic();
    const perSecond = this.#perSecond();
    this.#tokens = Math.min(perSecond / 10, this.#tokens + ((now - this.#countedAt) * perSecond) / 1000);
    this.#countedAt = now;
  }

  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#clock.after(TICK_MS, () => {
      this.#isTicking = false;
      this.#count();
      for (const resolve of this.#waiting) {
        if (this.#tokens < 1) break;
        this.#tokens--;
        this.#waiting.delete(resolve);
        resolve();
      }
      if (this.#waiting.size > 0) this.#tick();
    });
  }
}
