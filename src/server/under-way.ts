import type { Clock } from "../core/clock.ts";

/** Counts what is under way, so that closing can wait for it. */
export class UnderWay {
  #count = 0;
  #onIdle: (() => void) | undefined;

  /** Counts this until it has come to its end. */
  async during<Result>(result: Promise<Result>): Promise<Result> {
    this.#count++;
    try {
      return await result;
    } finally {
      this.#count--;
      if (this.#count === 0) this.#onIdle?.();
    }
  }

  /** Resolves once nothing is under way, or when the time is up. */
  async idle(clock: Pick<Clock, "after">, ms: number): Promise<void> {
    if (this.#count === 0) return;
    const idle = Promise.withResolvers<void>();
    this.#onIdle = idle.resolve;
    const cancel = clock.after(ms, idle.resolve);
    await idle.promise;
    cancel();
  }
}
