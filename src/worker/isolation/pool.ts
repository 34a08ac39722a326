import type { AttemptParts } from "../attempt/attempt.ts";
import type { RunningAttempt } from "../execution/execute.ts";
import { Child, type ChildOptions } from "./child.ts";
import { IsolatedAttempt } from "./isolated-attempt.ts";

export interface PoolOptions extends ChildOptions {
  /** Maximum number of processes. */
  readonly maxProcesses: number;
  /** Maximum number of concurrent attempts in one process, used once the maximum number of processes runs. */
  readonly attemptsPerProcess: number;
  /** Called with an operation whose process died. */
  readonly onLost: (operation: string) => void;
}

/** A pool of isolated processes that start on demand and end when idle. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #children = new Set<Child>();
  #queue: IsolatedAttempt[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** The number of further attempts that can start at once. */
  get free(): number {
    const { maxProcesses, attemptsPerProcess } = this.#options;
    const used = [...this.#children].reduce((sum, { size }) => sum + size, 0);
    return maxProcesses * attemptsPerProcess - used - this.#queue.length;
  }

  run(parts: AttemptParts): RunningAttempt {
    const attempt = new IsolatedAttempt(parts);
    this.#queue.push(attempt);
    void attempt.ended.finally(() => this.#assign());
    this.#assign();
    return attempt;
  }

  async close(): Promise<void> {
    this.#queue = [];
    await Promise.all([...this.#children].map((child) => child.end()));
  }

  #assign(): void {
    const waiting = this.#queue.filter(({ isEnded }) => !isEnded);
    while (waiting[0] !== undefined) {
      const child = this.#childFor();
      if (child === undefined) break;
      child.run(waiting[0]);
      waiting.shift();
    }
    this.#queue = waiting;
  }

  /** Returns an idle process, else a new one, else the least busy one. */
  #childFor(): Child | undefined {
    const { maxProcesses, attemptsPerProcess } = this.#options;
    const usable = [...this.#children].filter(({ isUsable }) => isUsable).toSorted((a, b) => a.size - b.size);
    const [least] = usable;
    if (least?.size === 0) return least;
    if (this.#children.size < maxProcesses) return this.#fork();
    return least !== undefined && least.size < attemptsPerProcess ? least : undefined;
  }

  #fork(): Child {
    const { onLost } = this.#options;
    const child = new Child(this.#options, (lost) => {
      this.#children.delete(child);
      for (const attempt of lost) {
        onLost(attempt.operation);
        attempt.endAsLost();
      }
      this.#assign();
    });
    this.#children.add(child);
    return child;
  }
}
