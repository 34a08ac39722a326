import type { AttemptKey, Grant, ProgressMessage } from "../core/ports/messages.ts";
import type { Running } from "./execution/execute.ts";

/** An attempt that this worker answers for: from its grant until its end is answered. */
export interface HeldAttempt {
  readonly key: AttemptKey;
  readonly type: string;
  readonly slot: number;
  readonly running: Running;
  /** Aborted when nothing more has to be said of it. */
  readonly over: AbortController;
  /** The progress said last. */
  said?: ProgressMessage;
}

/**
 * The attempts that this worker answers for. They stand in slots, and the map holds their numbers alone: the tables that a busy
 * map has outgrown would keep ended attempts alive until the next full garbage collection, at half the throughput.
 */
export class Held {
  readonly #slots: (HeldAttempt | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #slotOf = new Map<string, number>();
  readonly #whenEmpty: (() => void)[] = [];

  /** Undefined for a grant that is held already: its reply came twice. */
  add(grant: Grant, begin: (over: AbortController) => Running): HeldAttempt | undefined {
    const { operation, attempt, type } = grant;
    const key = { operation, attempt };
    if (this.get(key) !== undefined) return undefined;
    const over = new AbortController();
    const slot = this.#free.pop() ?? this.#slots.length;
    const held = { key, type, slot, over, running: begin(over) };
    this.#slots[slot] = held;
    this.#slotOf.set(operation, slot);
    return held;
  }

  remove(held: HeldAttempt): void {
    const { key, slot } = held;
    if (this.#slots[slot] !== held) return;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    // The next attempt of the same operation may have come meanwhile.
    if (this.#slotOf.get(key.operation) === slot) this.#slotOf.delete(key.operation);
    if (this.#free.length < this.#slots.length) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  get({ operation, attempt }: AttemptKey): HeldAttempt | undefined {
    const held = this.of(operation);
    return held?.key.attempt === attempt ? held : undefined;
  }

  /** Keeps what was said of an attempt, for who asks for it. */
  say(message: ProgressMessage): void {
    const held = this.get(message);
    if (held !== undefined) held.said = message;
  }

  of(operation: string): HeldAttempt | undefined {
    const slot = this.#slotOf.get(operation);
    return slot === undefined ? undefined : this.#slots[slot];
  }

  all(): readonly HeldAttempt[] {
    return this.#slots.filter((held) => held !== undefined);
  }

  /** Resolves once nothing is held. */
  async empty(): Promise<void> {
    if (this.#free.length === this.#slots.length) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty.push(resolve);
    });
  }
}
