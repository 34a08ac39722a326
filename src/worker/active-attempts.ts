import type { AttemptKey, Grant, ProgressMessage } from "../core/ports/messages.ts";
import type { RunningAttempt } from "./execution/execute.ts";

/** An attempt that this worker holds the lease of, from its grant until the server has acknowledged its end. */
export interface ActiveAttempt {
  readonly key: AttemptKey;
  readonly type: string;
  readonly slot: number;
  readonly running: RunningAttempt;
  /** Aborted when nothing of the attempt has to be reported any more. */
  readonly endedController: AbortController;
  /** The newest progress message. */
  lastProgress?: ProgressMessage;
}

/**
 * The attempts that this worker runs. They are stored in an array, and the map holds only array indexes: the outgrown tables of
 * a busy map would keep ended attempts alive until the next full garbage collection, at half the throughput.
 */
export class ActiveAttempts {
  readonly #slots: (ActiveAttempt | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #slotByOperation = new Map<string, number>();
  readonly #whenEmpty: (() => void)[] = [];

  /** Adds an attempt. Returns undefined if the grant is already active because its reply came twice. */
  add(grant: Grant, start: (ended: AbortController) => RunningAttempt): ActiveAttempt | undefined {
    const { operation, attempt, type } = grant;
    const key = { operation, attempt };
    if (this.get(key) !== undefined) return undefined;
    const endedController = new AbortController();
    const slot = this.#freeSlots.pop() ?? this.#slots.length;
    const active = { key, type, slot, endedController, running: start(endedController) };
    this.#slots[slot] = active;
    this.#slotByOperation.set(operation, slot);
    return active;
  }

  remove(active: ActiveAttempt): void {
    const { key, slot } = active;
    if (this.#slots[slot] !== active) return;
    this.#slots[slot] = undefined;
    this.#freeSlots.push(slot);
    // The next attempt of the same operation may already have started.
    if (this.#slotByOperation.get(key.operation) === slot) this.#slotByOperation.delete(key.operation);
    if (this.#freeSlots.length < this.#slots.length) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  get({ operation, attempt }: AttemptKey): ActiveAttempt | undefined {
    const active = this.getByOperation(operation);
    return active?.key.attempt === attempt ? active : undefined;
  }

  /** Stores the newest progress of an attempt, for flush requests. */
  setProgress(message: ProgressMessage): void {
    const active = this.get(message);
    if (active !== undefined) active.lastProgress = message;
  }

  getByOperation(operation: string): ActiveAttempt | undefined {
    const slot = this.#slotByOperation.get(operation);
    return slot === undefined ? undefined : this.#slots[slot];
  }

  all(): readonly ActiveAttempt[] {
    return this.#slots.filter((active) => active !== undefined);
  }

  /** Resolves once no attempt is active. */
  async empty(): Promise<void> {
    if (this.#freeSlots.length === this.#slots.length) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty.push(resolve);
    });
  }
}
