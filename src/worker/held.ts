import type { AttemptKey, Grant } from "../core/messages.ts";
import type { Running } from "./execute.ts";

/** An attempt that this worker answers for: from its grant until its end is answered. */
export interface HeldAttempt {
  readonly key: AttemptKey;
  readonly type: string;
  readonly running: Running;
  /** Aborted when nothing more has to be said of it. */
  readonly over: AbortController;
}

/** The attempts that this worker answers for, by operation. */
export class Held {
  readonly #attempts = new Map<string, HeldAttempt>();
  #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#attempts.size;
  }

  /** False for a grant that is held already: its reply came twice. */
  add(grant: Grant, begin: (over: AbortController) => Running): HeldAttempt | undefined {
    const { operation, attempt, type } = grant;
    if (this.#attempts.get(operation)?.key.attempt === attempt) return undefined;
    const over = new AbortController();
    const held = { key: { operation, attempt }, type, over, running: begin(over) };
    this.#attempts.set(operation, held);
    return held;
  }

  remove(held: HeldAttempt): void {
    if (this.#attempts.get(held.key.operation) === held) this.#attempts.delete(held.key.operation);
    if (this.#attempts.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  get({ operation, attempt }: AttemptKey): HeldAttempt | undefined {
    const held = this.#attempts.get(operation);
    return held?.key.attempt === attempt ? held : undefined;
  }

  of(operation: string): HeldAttempt | undefined {
    return this.#attempts.get(operation);
  }

  all(): readonly HeldAttempt[] {
    return [...this.#attempts.values()];
  }

  /** Resolves once nothing is held. */
  async empty(): Promise<void> {
    if (this.#attempts.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty.push(resolve);
    });
  }
}
