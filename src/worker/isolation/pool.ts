import type { AttemptParts } from "../attempt/attempt.ts";
import type { Running } from "../execution/execute.ts";
import { Child, type ChildOptions } from "./child.ts";
import { IsolatedAttempt } from "./isolated-attempt.ts";

export interface PoolOptions extends ChildOptions {
  /** How many processes there may be. */
  readonly places: number;
  /** How many attempts one process runs at once, where there are not processes enough for each to be alone. */
  readonly perChild: number;
  /** An operation was in a process that died. */
  readonly onLost: (operation: string) => void;
}

/** Processes of isolated work, begun when they are needed and ended when they are not. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #children = new Set<Child>();
  #queue: IsolatedAttempt[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** How many more attempts would begin at once. */
  get free(): number {
    const { places, perChild } = this.#options;
    const taken = [...this.#children].reduce((sum, { size }) => sum + size, 0);
    return places * perChild - taken - this.#queue.length;
  }

  run(parts: AttemptParts): Running {
    const attempt = new IsolatedAttempt(parts);
    this.#queue.push(attempt);
    void attempt.ended.finally(() => this.#place());
    this.#place();
    return attempt;
  }

  async close(): Promise<void> {
    this.#queue = [];
    await Promise.all([...this.#children].map((child) => child.end()));
  }

  #place(): void {
    const waiting = this.#queue.filter(({ isEnded }) => !isEnded);
    while (waiting[0] !== undefined) {
      const child = this.#childFor();
      if (child === undefined) break;
      child.run(waiting[0]);
      waiting.shift();
    }
    this.#queue = waiting;
  }

  /** One that has nothing to do, else a new one, else the one that has the least to do. */
  #childFor(): Child | undefined {
    const { places, perChild } = this.#options;
    const usable = [...this.#children].filter(({ isUsable }) => isUsable).toSorted((a, b) => a.size - b.size);
    const [least] = usable;
    if (least?.size === 0) return least;
    if (this.#children.size < places) return this.#begin();
    return least !== undefined && least.size < perChild ? least : undefined;
  }

  #begin(): Child {
    const { onLost } = this.#options;
    const child = new Child(this.#options, (lost) => {
      this.#children.delete(child);
      for (const attempt of lost) {
        onLost(attempt.operation);
        attempt.lose();
      }
      this.#place();
    });
    this.#children.add(child);
    return child;
  }
}
