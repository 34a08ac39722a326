import type { Clock } from "../../core/ports/clock.ts";

/** Counts what is under way, so that closing can wait for it. */
export class UnderWay {
  #count = 0;
  #onIdle: (() => void) | undefined;

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) this.#onIdle?.();
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
